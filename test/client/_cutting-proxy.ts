/** A TCP proxy in front of a broker that breaks connections. @module */

import { connect, createServer, type Server, type Socket } from "node:net";

/** See the module. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #budgets: number[];
  readonly #brokerPort: number;
  #cuts = 0;
  #port = 0;

  private constructor(brokerPort: number, budgets: readonly number[]) {
    this.#brokerPort = brokerPort;
    this.#budgets = [...budgets];
    this.#server = createServer((client) => this.#join(client));
  }

  /** @param budgets The first connection is cut after so many bytes of the broker as the first says, and so on; then none is. */
  static async start(brokerPort: number, budgets: readonly number[]): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(brokerPort, budgets);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    const address = proxy.#server.address();
    proxy.#port = typeof address === "object" && address !== null ? address.port : 0;
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** How many connections it has cut. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Cuts all connections now. */
  cut(): void {
    for (const socket of [...this.#sockets]) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    const broker = connect(this.#brokerPort, "127.0.0.1");
    let left = this.#budgets.shift() ?? Number.POSITIVE_INFINITY;
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
      if (bytes.length < left) {
        client.write(bytes);
      } else {
        this.#cuts += 1;
        client.write(bytes.subarray(0, left), end);
      }
      left -= bytes.length;
    });
  }

  /** The broker answers only who names it by its own port. */
  #asAddressed(bytes: Uint8Array): Uint8Array {
    const text = Buffer.from(bytes).toString("latin1").replace(`127.0.0.1:${this.#port}`, `127.0.0.1:${this.#brokerPort}`);
    return Buffer.from(text, "latin1");
  }
}
