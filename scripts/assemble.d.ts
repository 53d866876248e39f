/** See assemble.js. */
export function assemble(): Promise<void>;
