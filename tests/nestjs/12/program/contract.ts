/** The contract of all packages for frameworks, on both platforms. */
import { Controller, Get, Inject, Module, Param } from '@nestjs/common';
import { CircuitBreakerModule, RequestSignal } from '@fusewire/nestjs';
import { contractProgram, serverContract } from '@fusewire/testing/server';
import type { ContractProgram } from '@fusewire/testing/server';
import { create, listening, platforms } from './platforms.ts';

const PROGRAM = Symbol('program');

@Controller()
class WorkController {
  readonly #program: ContractProgram;

  constructor(@Inject(PROGRAM) program: ContractProgram) {
    this.#program = program;
  }

  @Get('work/:kind')
  work(@Param('kind') kind: string, @RequestSignal() signal: AbortSignal): Promise<unknown> {
    return this.#program.work(kind, signal);
  }

  @Get('report')
  report(): Promise<unknown> {
    return this.#program.report();
  }
}

for (const platform of platforms) {
  serverContract({
    name: `NestJS on ${platform}`,
    requests: 3_000,
    async start(basePath) {
      const program = contractProgram();
      const { registry, ...management } = program.management;
      @Module({
        imports: [CircuitBreakerModule.forRoot({ registry, management, mount: { path: basePath } })],
        controllers: [WorkController],
        providers: [{ provide: PROGRAM, useValue: program }],
      })
      class AppModule {}
      const app = await create(platform, AppModule);
      return { origin: await listening(app), close: () => app.close() };
    },
  });
}
