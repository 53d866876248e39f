import type { OutputOptions, RolldownOptions } from 'rolldown';

declare const config: Omit<RolldownOptions, 'output'> & { output: OutputOptions };
export default config;
