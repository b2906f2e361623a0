import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { ConexxusService } from '../integrations/conexxus/conexxus.service.ts';

/** Health of the program for a load balancer. An open circuit degrades it: the rest of the program works. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly conexxus: ConexxusService,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([
      async () => {
        const { isHealthy, ...details } = await this.conexxus.getHealthStatus();
        const indicator = this.indicators.check('conexxus');
        return isHealthy ? indicator.up({ ...details }) : indicator.degraded({ ...details });
      },
    ]);
  }
}
