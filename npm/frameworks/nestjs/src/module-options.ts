/** Injection token of the options of the module. */
export const OPTIONS = Symbol('fusewire:options');
