/** Texts by attribute, in the order in which they were found. */
export class ValidationErrors {
  readonly #messages = new Map<string, string[]>();

  add(attribute: string, message: string): void {
    this.#messages.set(attribute, [...(this.#messages.get(attribute) ?? []), message]);
  }

  get any(): boolean {
    return this.#messages.size > 0;
  }

  toJSON(): Record<string, string[]> {
    return Object.fromEntries(this.#messages);
  }

  /** `Access level is not included in the list`: every problem as a sentence about its attribute. */
  toSentences(): string[] {
    return [...this.#messages].flatMap(([attribute, messages]) => {
      const name = attribute.replaceAll(/[._]/g, ' ');
      return messages.map(message => `${name.charAt(0).toUpperCase()}${name.slice(1)} ${message}`);
    });
  }

  /**
   * `{:path=>["has already been taken"]}`: some endpoints interpolate the Ruby hash into a sentence, and clients
   * have to recognise conflicts in that.
   */
  toRubyHash(): string {
    const pairs = [...this.#messages].map(([attribute, messages]) => {
      return `:${attribute}=>[${messages.map(message => JSON.stringify(message)).join(', ')}]`;
    });
    return `{${pairs.join(', ')}}`;
  }
}
