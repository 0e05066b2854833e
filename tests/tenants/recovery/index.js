// Objects that go back in time. Answers are JSON.
import { DurableObject } from "cloudflare:workers";

export class Note extends DurableObject {
  async write(text) {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS log(text)");
    this.ctx.storage.sql.exec("INSERT INTO log VALUES (?)", text);
    await this.ctx.storage.put("text", text);
    return this.ctx.storage.getCurrentBookmark();
  }

  async read() {
    const tables = this.ctx.storage.sql.exec("SELECT name FROM sqlite_schema WHERE name = 'log'").toArray();
    const log = tables.length === 0 ? [] : this.ctx.storage.sql.exec("SELECT text FROM log").toArray();
    return {
      text: (await this.ctx.storage.get("text")) ?? null,
      log: log.map((row) => row.text),
      alarm: await this.ctx.storage.getAlarm(),
    };
  }

  bookmark() {
    return this.ctx.storage.getCurrentBookmark();
  }

  at(time) {
    return this.ctx.storage.getBookmarkForTime(Number(time));
  }

  /** Two writes of one turn with the bookmark asked for between them. */
  async between() {
    this.ctx.storage.put("text", "first");
    const bookmark = this.ctx.storage.getCurrentBookmark();
    this.ctx.storage.put("text", "second");
    return bookmark;
  }

  async inTransaction() {
    return this.ctx.storage.transaction(async (transaction) => {
      await transaction.put("text", "in a transaction");
      return this.ctx.storage.getCurrentBookmark();
    });
  }

  async alarmIn(milliseconds) {
    await this.ctx.storage.setAlarm(Date.now() + Number(milliseconds));
    return this.ctx.storage.getCurrentBookmark();
  }

  alarm() {}

  /** Many pages, all of them different from those of another seed. */
  async fill(megabytes, seed) {
    for (let i = 0; i < Number(megabytes); ++i) {
      await this.ctx.storage.put(`large ${i}`, new Uint8Array(1 << 20).fill(i + Number(seed)));
    }
    await this.ctx.storage.put("text", seed);
    return this.ctx.storage.getCurrentBookmark();
  }

  async clear() {
    await this.ctx.storage.deleteAll();
    return this.ctx.storage.getCurrentBookmark();
  }

  schedule(bookmark) {
    return this.ctx.storage.onNextSessionRestoreBookmark(bookmark);
  }

  abort() {
    this.ctx.abort("restarting");
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const [, object, method] = url.pathname.split("/");
    if (method === undefined) return Response.json("here");
    try {
      return Response.json((await env.NOTE.getByName(object)[method](...url.searchParams.getAll("a"))) ?? null);
    } catch (error) {
      return Response.json({ error: error.message });
    }
  },
};
