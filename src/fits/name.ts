/** Whether a file is FITS, plain, gzipped or tile-compressed, by its name: how files are found in a folder. */
export const isFitsName = (name: string): boolean => /\.(fits|fit|fts)(\.gz|\.fz)?$/i.test(name);
