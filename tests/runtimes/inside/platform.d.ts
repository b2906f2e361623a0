/** The module by which `fusewire` gets at its engine. The package does not export it; bundle.ts finds it. */
declare module '#platform' {
  export const loadBreakers: () => import('../../conformance/engines.ts').Engine;
}
