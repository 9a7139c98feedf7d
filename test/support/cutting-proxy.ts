/** A TCP proxy in front of a broker that breaks connections. @module */

import { connect, createServer, type Server, type Socket } from "node:net";

/** See the module. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #brokerPort: number;
  #left = Number.POSITIVE_INFINITY;
  #budgets: number[] = [];
  #cuts = 0;
  #port = 0;

  private constructor(brokerPort: number) {
    this.#brokerPort = brokerPort;
    this.#server = createServer((client) => this.#join(client));
  }

  static async start(brokerPort: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(brokerPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    const address = proxy.#server.address();
    proxy.#port = typeof address === "object" && address !== null ? address.port : 0;
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** How often it has cut. */
  get cuts(): number {
    return this.#cuts;
  }

  /**
   * From now on, all connections are cut once the broker has sent so many bytes as the first of `budgets` says, then again after
   * as many as the second says, and so on.
   */
  cutAfter(budgets: readonly number[]): void {
    this.#budgets = [...budgets];
    this.#left = this.#budgets.shift() ?? Number.POSITIVE_INFINITY;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    const broker = connect(this.#brokerPort, "127.0.0.1");
    const end = (): void => {
      client.destroy();
      broker.destroy();
      this.#sockets.delete(client);
      this.#sockets.delete(broker);
    };
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on("error", end).on("close", end);
    }
    client.on("data", (bytes) => broker.write(this.#asAddressed(bytes)));
    broker.on("data", (bytes) => {
      client.write(bytes.subarray(0, this.#left));
      this.#left -= bytes.length;
      if (this.#left < 0) this.#cut();
    });
  }

  /** What was sent before still arrives. */
  #cut(): void {
    this.#cuts += 1;
    this.#left = this.#budgets.shift() ?? Number.POSITIVE_INFINITY;
    for (const socket of this.#sockets) socket.destroySoon();
  }

  /** The broker answers only who names it by its own port. */
  #asAddressed(bytes: Uint8Array): Uint8Array {
    const text = Buffer.from(bytes).toString("latin1").replace(`127.0.0.1:${this.#port}`, `127.0.0.1:${this.#brokerPort}`);
    return Buffer.from(text, "latin1");
  }
}
