/** Makes a WebAssembly module one of this realm. Next.js compiles it in another realm, and then `instanceof` would fail. */
export function adoptModule(compiled: WebAssembly.Module): WebAssembly.Module {
  return Object.setPrototypeOf(compiled, WebAssembly.Module.prototype);
}
