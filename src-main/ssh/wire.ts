/** Reads the fields of an SSH message (RFC 4251, 5) in order. What is not there throws a RangeError. */
export class WireReader {
  #at = 0

  constructor(private readonly bytes: Buffer) {}

  byte(): number {
    return this.bytes.readUInt8(this.#at++)
  }

  uint32(): number {
    this.#at += 4
    return this.bytes.readUInt32BE(this.#at - 4)
  }

  string(): Buffer {
    const length = this.uint32()
    if (length > this.bytes.length - this.#at) throw new RangeError('a string goes beyond the message')
    this.#at += length
    return this.bytes.subarray(this.#at - length, this.#at)
  }

  text(): string {
    return this.string().toString('utf8')
  }

  /** Throws unless all has been read. */
  end(): void {
    if (this.#at !== this.bytes.length) throw new RangeError('the message goes on')
  }
}

/** A field of type string. */
export function wireString(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([wireUint32(bytes.length), bytes])
}

export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
