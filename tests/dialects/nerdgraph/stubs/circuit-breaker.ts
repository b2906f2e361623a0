/** Module of the document's project that the dialect replaces. */
export * from '@fusewire/dialects/nerdgraph';
