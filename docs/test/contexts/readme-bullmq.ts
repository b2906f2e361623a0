export { postOrder } from './readme-sqlite.ts';

/** Ends the block: without a Redis server, the client would go on connecting. */
export function finish(): void {
  process.exit();
}
