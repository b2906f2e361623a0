import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { BreakerRegistry } from 'fusewire';
import { bindBreakers, bindClass, isDecorated } from './bindings.ts';
import { OPTIONS } from './module-options.ts';
import type { CircuitBreakerModuleOptions } from './options.ts';

/** Gives everything that NestJS creates the breakers of its application. */
@Injectable()
export class BreakerExplorer implements OnModuleInit, OnApplicationShutdown {
  readonly #discovery: DiscoveryService;
  readonly #registry: BreakerRegistry;
  readonly #isOurs: boolean;

  constructor(
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(BreakerRegistry) registry: BreakerRegistry,
    @Inject(OPTIONS) options: CircuitBreakerModuleOptions,
  ) {
    this.#discovery = discovery;
    this.#registry = registry;
    this.#isOurs = options.registry === undefined;
  }

  onModuleInit(): void {
    for (const wrapper of [...this.#discovery.getProviders(), ...this.#discovery.getControllers()]) {
      const { instance, metatype } = wrapper;
      if (wrapper.isDependencyTreeStatic()) {
        if (isDecorated(instance)) bindBreakers(instance as object, this.#registry);
      } else if (typeof metatype === 'function' && isDecorated(metatype.prototype)) {
        // Its objects are created for each request.
        bindClass(metatype, this.#registry);
      }
    }
  }

  onApplicationShutdown(): void {
    if (this.#isOurs) for (const [, breaker] of this.#registry) breaker.dispose();
  }
}
