/** Whether the constructor of `Response` accepts the status and its text. `fetch` resolves with any that a server sends. */
export function isConstructible({ status, statusText }: Response): boolean {
  return status >= 200 && status <= 599 && /^[\t\x20-\x7e\x80-\xff]*$/.test(statusText);
}

/** Attributes of a response that its constructor cannot set. */
type Attributes = Pick<Response, 'url' | 'type' | 'redirected'> &
  Partial<Pick<Response, 'status' | 'statusText' | 'ok'>>;

/** Returns the attributes of a response that a new response with its body lacks. */
export function attributesOf(response: Response): Attributes {
  const { url, type, redirected, status, statusText, ok } = response;
  return isConstructible(response) ? { url, type, redirected } : { url, type, redirected, status, statusText, ok };
}

/** Sets attributes of a response and of its clones. */
export function withAttributes(response: Response, attributes: Attributes): Response {
  const { clone } = response;
  const values = { ...attributes, clone: () => withAttributes(clone.call(response), attributes) };
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  return response;
}
