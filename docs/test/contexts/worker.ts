/** Service that the worker's requests go to. */
export { url as upstream } from './service.ts';
