/** See bundle.js. */
export function bundle(folder?: string): Promise<void>;
