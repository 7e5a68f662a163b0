import { StringDecoder } from 'node:string_decoder'

/** The longest operating system command (OSC and its like) that is believed: a terminal would wait for its end for ever. */
const longestCommand = 4096

type Mode = 'text' | 'escape' | 'csi' | 'charset' | 'command' | 'command-escape'

/** What terminal output says to a reader: without escape sequences and control characters, with LF line ends. Holds next to nothing. */
export class PlainText {
  readonly #decoder = new StringDecoder('utf8')
  #mode: Mode = 'text'
  #commandLength = 0
  #afterReturn = false

  /** The text of the next chunk; sequences and characters that it cuts are whole with the next. */
  push(chunk: Uint8Array): string {
    let text = ''
    for (const character of this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))) {
      text += this.#next(character)
    }
    return text
  }

  #next(character: string): string {
    switch (this.#mode) {
      case 'text':
        return this.#text(character)
      case 'escape':
        if (character === '[') this.#mode = 'csi'
        else if (']PX^_'.includes(character)) {
          this.#mode = 'command'
          this.#commandLength = 0
        } else if ('()*+-./#% '.includes(character)) this.#mode = 'charset'
        else this.#mode = 'text'
        return ''
      case 'csi':
        // Parameters and intermediates are below @; what is above ends it.
        if (character >= '@' || character < ' ') this.#mode = 'text'
        return ''
      case 'charset':
        this.#mode = 'text'
        return ''
      case 'command':
        this.#commandLength += 1
        if (character === '\x1b') this.#mode = 'command-escape'
        else if (character === '\x07' || character === '\n' || this.#commandLength > longestCommand) this.#mode = 'text'
        return ''
      case 'command-escape':
        this.#mode = 'text'
        return character === '\\' ? '' : this.#text(character)
    }
  }

  #text(character: string): string {
    const afterReturn = this.#afterReturn
    this.#afterReturn = character === '\r'
    if (character === '\x1b') {
      this.#mode = 'escape'
      return ''
    }
    // CR LF is one line end, and so is a CR that rewrites its line.
    if (character === '\r') return afterReturn ? '' : '\n'
    if (character === '\n') return afterReturn ? '' : '\n'
    if (character === '\t') return character
    return character < ' ' || (character >= '\x7f' && character < '\xa0') ? '' : character
  }
}
