/* asking.js: the way to the server and back. While somebody draws, one question is
   on its way at a time, and the newest drawing follows its answer: never a queue. */

const PATIENCE_MS = 20000; /* for an answer */
const PAUSE_MS = 1000, PAUSE_MAX_MS = 5000; /* until a silent server is asked again */

const sleep = ms => new Promise(done => setTimeout(done, ms));

/* What the server says is wrong. */
async function sentenceOf(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return `The server answered with status ${response.status}.`;
  }
}

/* JSON of a path. Throws an Error whose message is a sentence. */
export async function get(path) {
  let response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new Error("The server does not answer.");
  }
  if (!response.ok) throw new Error(await sentenceOf(response));
  return response.json();
}

/* Calls of the page:
     question()                    gives {path, body, type, ...}, or null: nothing to ask
     answered(question, answer, ms)
     refused(question, sentence)   the server will not answer this one
     waiting(sentence)             it is asked again, until it answers
   Call want() whenever there is something new to read. */
export class Asker {
  constructor(calls) {
    this.calls = calls;
    this.isWanted = this.isRunning = false;
    this.pause = PAUSE_MS;
  }

  want() {
    this.isWanted = true;
    if (!this.isRunning) this.#run();
  }

  async #run() {
    this.isRunning = true;
    try {
      while (this.isWanted) {
        this.isWanted = false;
        const question = await this.calls.question();
        if (question !== null) await this.#ask(question);
      }
    } finally {
      this.isRunning = false;
    }
  }

  async #ask(question) {
    const began = performance.now();
    let response, answer;
    try {
      response = await fetch(question.path, {
        method: "POST", body: question.body, headers: { "Content-Type": question.type },
        signal: AbortSignal.timeout(PATIENCE_MS)
      });
      if (response.ok) answer = await response.json();
    } catch {
      await this.#later("The server does not answer; the page goes on as soon as it does.");
      return;
    }
    this.pause = PAUSE_MS;
    if (response.ok) {
      this.calls.answered(question, answer, performance.now() - began);
    } else if (response.status === 429 || response.status === 503) {
      this.pause = 1000 * (Number(response.headers.get("Retry-After")) || 1);
      await this.#later("The server has much to do; it is asked again in a moment.");
    } else {
      this.calls.refused(question, await sentenceOf(response));
    }
  }

  async #later(sentence) {
    this.calls.waiting(sentence);
    await sleep(Math.min(this.pause, PAUSE_MAX_MS));
    this.pause = Math.min(2 * this.pause, PAUSE_MAX_MS);
    this.isWanted = true;
  }
}
