// The module that the code of haven imports: breakers, manager and numbers of its document, on the engine of fusewire.
export * from '@fusewire/dialects/haven';
