/** The doctor cannot do what it was asked to: nothing is said about the configuration. */
export class Misuse extends Error {}
