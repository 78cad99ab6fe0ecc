/** Node's own `import()`, for modules of users: the joined program of scripts/bundle.mjs has none of its own. */
const importModule = (url: string): Promise<Record<string, unknown>> =>
  import(url) as Promise<Record<string, unknown>>;

export = importModule;
