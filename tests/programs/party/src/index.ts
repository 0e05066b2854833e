// Rooms on partyserver: one whose object hibernates between messages, and one whose stays awake.
import { type Connection, type ConnectionContext, routePartykitRequest, Server, type WSMessage } from "partyserver";

type Env = { Chat: DurableObjectNamespace<Chat>; Awake: DurableObjectNamespace<Awake> };

class Room extends Server<Env> {
  started = 0;

  override async onStart() {
    this.started += 1;
    const starts = ((await this.ctx.storage.get<number>("starts")) ?? 0) + 1;
    await this.ctx.storage.put("starts", starts);
  }

  override onConnect(connection: Connection<{ name: string }>, { request }: ConnectionContext) {
    const name = new URL(request.url).searchParams.get("name") ?? connection.id;
    connection.setState({ name });
    connection.send(JSON.stringify({ hello: name, room: this.name }));
    this.broadcast(JSON.stringify({ joined: name }), [connection.id]);
  }

  override onMessage(connection: Connection<{ name: string }>, message: WSMessage) {
    if (message === "who") {
      const names = [...this.getConnections<{ name: string }>()].map((each) => each.state?.name).sort();
      connection.send(JSON.stringify({ names }));
      return;
    }
    this.broadcast(JSON.stringify({ from: connection.state?.name, text: String(message) }));
  }

  override onClose(connection: Connection<{ name: string }>) {
    this.broadcast(JSON.stringify({ left: connection.state?.name }), [connection.id]);
  }

  override async onRequest(request: Request) {
    if (request.method === "POST") {
      this.broadcast(await request.text());
      return new Response("sent");
    }
    return Response.json({ room: this.name, started: this.started, tags: [...this.getConnections("everyone")].length });
  }

  override getConnectionTags() {
    return ["everyone"];
  }
}

export class Chat extends Room {
  static override options = { hibernate: true };
}
export class Awake extends Room {}

export default {
  async fetch(request, env) {
    return (await routePartykitRequest(request, env as never)) ?? new Response("no such party", { status: 404 });
  },
} satisfies ExportedHandler<Env>;
