/** An order, and the function that posts it. */
export const order = { id: 'order-1' };

export async function postOrder(_order: unknown, _key: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
}
