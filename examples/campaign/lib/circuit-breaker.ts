/** The module of the document, on the engine of fusewire. */
export * from '@fusewire/dialects/campaign';
