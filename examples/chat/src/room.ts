// One room: who is in it, and what was said. Its WebSockets hibernate: while nobody speaks, the
// object need not be in memory, and the sockets stay open all the same.
import { DurableObject } from "cloudflare:workers";

const SHOWN = 100; // messages that somebody who enters is shown
const KEPT = 1000; // messages that the room remembers
const LONGEST_TEXT = 2000;
const LONGEST_NAME = 40;

interface Message {
  name: string;
  text: string;
  time: number;
}

/** What is known about a socket; it survives hibernation. */
interface Guest {
  name: string;
}

type FromClient = { type: "enter"; name: string } | { type: "say"; text: string };
type ToClient =
  | { type: "history"; messages: Message[] }
  | { type: "message"; message: Message }
  | { type: "present"; names: string[] }
  | { type: "error"; text: string };

/** Keys sort by their number, the oldest message first. */
const keyOf = (number: number) => `message:${String(number).padStart(12, "0")}`;
const numberOf = (key: string) => Number(key.slice("message:".length));

export class Room extends DurableObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    // Answered without waking the room.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  fetch(): Response {
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const request = parse(data);
    if (request === null) return send(socket, { type: "error", text: "This is not what a room understands." });
    const guest = socket.deserializeAttachment() as Guest | null;
    if (request.type === "enter") {
      if (guest !== null) return;
      socket.serializeAttachment({ name: request.name } satisfies Guest);
      send(socket, { type: "history", messages: await this.#history() });
      this.#announcePresence();
    } else if (guest === null) {
      send(socket, { type: "error", text: "Enter before you speak." });
    } else {
      await this.#say({ name: guest.name, text: request.text, time: Date.now() });
    }
  }

  webSocketClose(socket: WebSocket): void {
    this.#announcePresence(socket);
  }

  webSocketError(socket: WebSocket): void {
    this.#announcePresence(socket);
  }

  async #history(): Promise<Message[]> {
    const latest = await this.ctx.storage.list<Message>({ prefix: "message:", reverse: true, limit: SHOWN });
    return [...latest.values()].reverse();
  }

  async #say(message: Message): Promise<void> {
    const [latest] = await this.ctx.storage.list({ prefix: "message:", reverse: true, limit: 1 });
    const number = latest === undefined ? 0 : numberOf(latest[0]) + 1;
    // Not awaited: what is sent below leaves only when both are on disk.
    this.ctx.storage.put(keyOf(number), message);
    if (number >= KEPT) this.ctx.storage.delete(keyOf(number - KEPT));
    this.#broadcast({ type: "message", message });
  }

  #announcePresence(leaving?: WebSocket): void {
    const names = new Set<string>();
    for (const socket of this.ctx.getWebSockets()) {
      const guest = socket.deserializeAttachment() as Guest | null;
      if (socket !== leaving && guest !== null) names.add(guest.name);
    }
    this.#broadcast({ type: "present", names: [...names].sort() }, leaving);
  }

  /** To everybody who has entered. */
  #broadcast(message: ToClient, leaving?: WebSocket): void {
    for (const socket of this.ctx.getWebSockets()) {
      if (socket !== leaving && socket.deserializeAttachment() !== null) send(socket, message);
    }
  }
}

function send(socket: WebSocket, message: ToClient): void {
  if (socket.readyState === WebSocket.READY_STATE_OPEN) socket.send(JSON.stringify(message));
}

function parse(data: string | ArrayBuffer): FromClient | null {
  try {
    const value = JSON.parse(data as string) as Partial<Record<string, unknown>> | null;
    const text = (key: string, longest: number) =>
      typeof value?.[key] === "string" ? (value[key] as string).trim().slice(0, longest) : "";
    if (value?.type === "enter") {
      const name = text("name", LONGEST_NAME);
      return name === "" ? null : { type: "enter", name };
    }
    if (value?.type === "say") {
      const said = text("text", LONGEST_TEXT);
      return said === "" ? null : { type: "say", text: said };
    }
    return null;
  } catch {
    return null;
  }
}
