export { url } from './service.ts';
