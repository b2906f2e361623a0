import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import { closeIdleUntilClosed } from '@fusewire/operations/server';
import type { IdleServer } from '@fusewire/operations/server';
import { BreakerRegistry } from 'fusewire';
import { bindBreakers, bindClass, isDecorated } from './bindings.ts';
import { OPTIONS } from './module-options.ts';
import type { CircuitBreakerModuleOptions } from './options.ts';

/** Gives everything that NestJS creates the breakers of its application. */
@Injectable()
export class BreakerExplorer implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #discovery: DiscoveryService;
  readonly #registry: BreakerRegistry;
  readonly #isOurs: boolean;
  readonly #host: HttpAdapterHost;

  constructor(
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(BreakerRegistry) registry: BreakerRegistry,
    @Inject(OPTIONS) options: CircuitBreakerModuleOptions,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    this.#host = host;
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

  beforeApplicationShutdown(): void {
    // NestJS waits for connections that proxies keep open: with Fastify, 72 seconds.
    const server = this.#host.httpAdapter?.getHttpServer() as Partial<IdleServer> | undefined;
    if (typeof server?.closeIdleConnections === 'function') closeIdleUntilClosed(server as IdleServer);
  }

  onApplicationShutdown(): void {
    if (this.#isOurs) for (const [, breaker] of this.#registry) breaker.dispose();
  }
}
