import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ConexxusModule } from '../integrations/conexxus/conexxus.module.ts';
import { HealthController } from './health.controller.ts';

@Module({ imports: [TerminusModule, ConexxusModule], controllers: [HealthController] })
export class HealthModule {}
