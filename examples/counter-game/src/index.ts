import { DurableObject } from "cloudflare:workers";
import page from "./page.html";

interface Env {
  ROUND_SECONDS: number;
  GAMES: DurableObjectNamespace<Game>;
}

interface Round {
  number: number;
  endsAt: number; // milliseconds
  scores: Record<string, number>;
}

type Told =
  | { type: "state"; round: Round; players: string[] }
  | { type: "over"; round: number; winner: string | null; scores: Record<string, number> };

/** A game: everyone in it counts, and who has counted furthest when the round ends has won. */
export class Game extends DurableObject<Env> {
  async fetch(request: Request): Promise<Response> {
    const player = new URL(request.url).searchParams.get("player") || "somebody";
    const { 0: client, 1: server } = new WebSocketPair();
    // The object may leave memory while its players are silent; the name waits with the socket.
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment({ player });
    await this.round();
    await this.tellState();
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (message !== "count") return;
    const { player } = socket.deserializeAttachment() as { player: string };
    const round = await this.round();
    round.scores[player] = (round.scores[player] ?? 0) + 1;
    await this.ctx.storage.put("round", round);
    await this.tellState();
  }

  override async webSocketClose(): Promise<void> {
    await this.tellState();
  }

  /** The round is over. An alarm rings even if the server was down when it should have. */
  override async alarm(): Promise<void> {
    const round = await this.ctx.storage.get<Round>("round");
    if (round === undefined) return;
    await this.ctx.storage.delete("round");
    const [first, second] = Object.entries(round.scores).sort(([, a], [, b]) => b - a);
    const winner = first !== undefined && first[1] !== second?.[1] ? first[0] : null;
    this.tell({ type: "over", round: round.number, winner, scores: round.scores });
  }

  /** The round that is being played; the first to come starts one. */
  private async round(): Promise<Round> {
    const running = await this.ctx.storage.get<Round>("round");
    if (running !== undefined) return running;
    const number = ((await this.ctx.storage.get<number>("rounds")) ?? 0) + 1;
    const round: Round = { number, endsAt: Date.now() + this.env.ROUND_SECONDS * 1000, scores: {} };
    await this.ctx.storage.put({ round, rounds: number });
    await this.ctx.storage.setAlarm(round.endsAt);
    return round;
  }

  private async tellState(): Promise<void> {
    const round = await this.ctx.storage.get<Round>("round");
    if (round === undefined) return;
    const players = this.ctx.getWebSockets().map((socket) => (socket.deserializeAttachment() as { player: string }).player);
    this.tell({ type: "state", round, players: players.sort() });
  }

  private tell(message: Told): void {
    for (const socket of this.ctx.getWebSockets()) socket.send(JSON.stringify(message));
  }
}

export default {
  async fetch(request, env) {
    if (request.headers.get("Upgrade") !== "websocket") {
      return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
    }
    // /play/<game>?player=<name>
    const game = new URL(request.url).pathname.split("/")[2] || "lobby";
    return await env.GAMES.getByName(game).fetch(request);
  },
} satisfies ExportedHandler<Env>;
