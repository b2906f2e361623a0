/** The rest of the document's project: the names that its blocks use without an import, and its existing identifiers. */
import 'reflect-metadata';
import { TYPES } from '@infrastructure/config/types';
import { Container } from 'inversify';

const existing = { Logger: Symbol.for('Logger'), MetricStreamer: Symbol.for('MetricStreamer') };
Object.assign(globalThis, {
  TYPES: { ...existing, ...TYPES },
  container: new Container(),
  Platform: class Platform {},
});
