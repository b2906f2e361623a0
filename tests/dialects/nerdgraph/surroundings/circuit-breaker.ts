/** The import line that changes: the module of the document's project is the dialect. */
export * from '@fusewire/dialects/nerdgraph';
