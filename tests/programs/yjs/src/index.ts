// Documents that several people edit, on y-partyserver; each is kept in its object's storage.
import { routePartykitRequest } from "partyserver";
import { YServer } from "y-partyserver";
import * as Y from "yjs";

type Env = { Documents: DurableObjectNamespace<Documents> };

export class Documents extends YServer<Env> {
  static override options = { hibernate: true };
  static override callbackOptions = { debounceWait: 10, debounceMaxWait: 50, timeout: 1000 };

  override async onLoad() {
    const kept = await this.ctx.storage.get<Uint8Array>("document");
    if (kept !== undefined) Y.applyUpdate(this.document, kept);
  }

  override async onSave() {
    await this.ctx.storage.put("document", Y.encodeStateAsUpdate(this.document));
  }

  override async onRequest() {
    const kept = await this.ctx.storage.get<Uint8Array>("document");
    const stored = new Y.Doc();
    if (kept !== undefined) Y.applyUpdate(stored, kept);
    return Response.json({ now: this.document.getText("text").toString(), stored: stored.getText("text").toString() });
  }
}

export default {
  async fetch(request, env) {
    return (await routePartykitRequest(request, env as never)) ?? new Response("no such document", { status: 404 });
  },
} satisfies ExportedHandler<Env>;
