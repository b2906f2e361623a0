export { postOrder } from './readme-sqlite.ts';

/** Ends the program: without Redis, the client would go on connecting. */
export function finish(): void {
  process.exit();
}
