/** Where a worker's requests go. */
export { url as upstream } from './service.ts';
