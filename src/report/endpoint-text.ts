// In: nothing. Out: the name of an endpoint as people write it, from src/units.ts, which findings use too.
export { endpointText } from '../units.ts';
