/** Module of the document: the class, its factory, its monitor and its errors. */
export * from '@fusewire/dialects/nerdgraph';
