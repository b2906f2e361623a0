declare module '*-bytes.js' {
  /** Engine, compressed and as base64. */
  const text: string;
  export default text;
}

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '*.wasm?module' {
  const module: WebAssembly.Module;
  export default module;
}

/**
 * Module of `src/platforms` that fits where the program runs. A condition in `package.json` chooses it. It imports nothing of
 * the package that `#platform` has a part in.
 */
declare module '#platform' {
  /** Loads the WebAssembly engine of the breakers. */
  export const loadBreakers: () => import('../engine/backend.ts').Binding;
  /** Loads the native addon; undefined where there is none. */
  export const loadAddon: typeof import('../engine/addon-loader.ts').loadAddon | undefined;
  /** Returns the present async scope; undefined on platforms without async contexts. */
  export const openScope: () => import('../run/async-scope.ts').AsyncScope | undefined;
  /** Whether a timer ends with the request that has set it. */
  export const timersEndWithRequests: boolean;
  /** Creates the development warnings, unless this bundle lacks them; undefined where there are none. */
  export const loadWarnings: (() => import('../doctor/diagnostics-hook.ts').DiagnosticsHook | undefined) | undefined;
}

/** Module beside `#platform` with the engine of the policies, apart so that a bundle without a policy has no second engine. */
declare module '#policies' {
  /** Loads the WebAssembly engine of the policies. */
  export const loadPolicies: () => import('../engine/policy-engine.ts').PolicyEngine;
}
