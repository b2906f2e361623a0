export * from '../../http/test/support.ts';
