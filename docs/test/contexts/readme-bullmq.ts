export { postOrder } from './readme-sqlite.ts';

/** There is no Redis: the client would look for one for ever. */
export function finish(): void {
  process.exit();
}
