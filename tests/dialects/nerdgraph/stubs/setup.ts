import 'reflect-metadata';
import { Container } from 'inversify';
import { TYPES } from './types';

/** Globals that the blocks use without an import. */
Object.assign(globalThis, { TYPES, container: new Container(), Platform: class Platform {} });
