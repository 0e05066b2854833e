// Rate limiting bindings: env.LIMITER.limit({ key }) tells whether one more is within the limit.
// What is checked, and how it is said, is miniflare's.
import { natives } from "../../web/builtins/natives.ts";

const { rateLimitTake } = natives;

const optionNames = ["key", "limit", "period"];
const periods = [10, 60];

function check(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

export interface RateLimitSettings {
  namespace: string;
  limit: number;
  period: number;
}

export class Ratelimit {
  readonly #settings: RateLimitSettings;

  constructor(settings: RateLimitSettings) {
    this.#settings = settings;
  }

  async limit(options: Record<string, unknown>): Promise<{ success: boolean }> {
    check(typeof options === "object" && options !== null, "invalid rate limit options");
    const unknown = Object.keys(options).filter((name) => !optionNames.includes(name));
    check(unknown.length === 0, `bad rate limit options: [${unknown.join(",")}]`);
    const { key = "", limit = this.#settings.limit, period = this.#settings.period } = options;
    check(typeof key === "string", `invalid key: ${key as string}`);
    check(typeof limit === "number", `limit must be a number: ${limit as string}`);
    check(typeof period === "number", `period must be a number: ${period as string}`);
    check(periods.includes(period as number), `unsupported period: ${period as number}`);
    return {
      success: rateLimitTake(this.#settings.namespace, key as string, limit as number, period as number),
    };
  }
}
