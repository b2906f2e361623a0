import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import type { DynamicModule, Provider } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { BreakerRegistry } from 'fusewire';
import { BreakerExplorer } from './explorer.ts';
import { BreakersHealthIndicator } from './health.ts';
import { managementController } from './management-controller.ts';
import { OPTIONS } from './module-options.ts';
import type { CircuitBreakerModuleOptions, FeatureOptions, ModuleExtras } from './options.ts';
import { RefusalFilter } from './refusal-filter.ts';
import { RegistryInterceptor } from './registry-interceptor.ts';
import { RequestSignalInterceptor } from './request-signal.ts';
import { getBreakerToken } from './tokens.ts';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<CircuitBreakerModuleOptions>({
  optionsInjectionToken: OPTIONS,
  moduleName: 'CircuitBreaker',
})
  .setClassMethodName('forRoot')
  .setExtras<ModuleExtras>({}, (definition, { isGlobal = true, filter = true, requestSignal = true, mount }) => ({
    ...definition,
    global: isGlobal,
    controllers: [...(definition.controllers ?? []), ...(mount === undefined ? [] : [managementController(mount)])],
    providers: [
      ...(definition.providers ?? []),
      ...(filter ? [{ provide: APP_FILTER, useClass: RefusalFilter }] : []),
      ...(requestSignal ? [{ provide: APP_INTERCEPTOR, useClass: RequestSignalInterceptor }] : []),
    ],
  }))
  .build();

/**
 * Module of the breakers of an application: `forRoot(options)` or `forRootAsync({ useFactory, inject })` once, and
 * `forFeature(breakers)` wherever a module wants breakers to inject.
 *
 * Besides the options, both take `isGlobal`, `filter`, `requestSignal` and `mount`, the place of the management API.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: BreakerRegistry, useFactory: registryOf, inject: [OPTIONS] },
    BreakerExplorer,
    { provide: APP_INTERCEPTOR, useClass: RegistryInterceptor },
    BreakersHealthIndicator,
  ],
  exports: [BreakerRegistry, BreakersHealthIndicator],
})
export class CircuitBreakerModule extends ConfigurableModuleClass {
  /** Defines breakers, which `@InjectBreaker(name)` injects. */
  static forFeature(breakers: readonly FeatureOptions[]): DynamicModule {
    const providers: Provider[] = breakers.map(({ name, ...options }) => ({
      provide: getBreakerToken(name),
      useFactory: (registry: BreakerRegistry) => registry.for(name, options),
      inject: [BreakerRegistry],
    }));
    return { module: FeatureModule, providers, exports: providers };
  }
}

/** Module of the breakers that another module defines. */
@Module({})
class FeatureModule {}

function registryOf({ registry, defaults }: CircuitBreakerModuleOptions): BreakerRegistry {
  return registry ?? new BreakerRegistry(defaults === undefined ? {} : { defaults });
}
