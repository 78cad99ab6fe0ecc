/** Where simulated telescopes point unless they are told, degrees. */
export const FIELD = { ra: 150.1, dec: 2.2 };
