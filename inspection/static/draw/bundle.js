// The ZIP of a bundle: exactly eight files, stored or deflated, nothing before, between or after, every CRC right. Inflated by fflate.
"use strict";
{
  const { NotABundle } = globalThis.hengjian;
  const FILES = ["rule.json", "commitment.json", "reveal.json", "frame.tsv", "inspectors.tsv", "conflicts.tsv", "selection.tsv", "teams.tsv"];
  const MOST = 2 ** 30; // what a browser can hold; larger bundles are for the command
  const table = new Uint32Array(256).map((_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });

  function crc32(bytes) {
    let crc = 0xffffffff;
    for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
    return (crc ^ 0xffffffff) >>> 0;
  }

  function directory(bytes, view) {
    const end = bytes.length - 22;
    if (end < 0 || view.getUint32(0, true) !== 0x04034b50 || view.getUint32(end, true) !== 0x06054b50) throw new NotABundle("ZIP 前后或注释中有多余内容，或不是 ZIP");
    const count = view.getUint16(end + 10, true), size = view.getUint32(end + 12, true), start = view.getUint32(end + 16, true);
    if (view.getUint16(end + 20, true) !== 0 || start + size !== end) throw new NotABundle("ZIP 目录位置不对");
    const entries = [];
    for (let at = start, i = 0; i < count; i++) {
      if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50) throw new NotABundle("ZIP 目录残缺");
      const lengths = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
      entries.push({
        name: String.fromCharCode(...bytes.subarray(at + 46, at + 46 + lengths[0])), flags: view.getUint16(at + 8, true),
        method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true), packed: view.getUint32(at + 20, true),
        size: view.getUint32(at + 24, true), offset: view.getUint32(at + 42, true),
      });
      at += 46 + lengths[0] + lengths[1] + lengths[2];
    }
    return entries;
  }

  function content(bytes, view, entry) {
    const at = entry.offset;
    if (at + 30 > bytes.length || view.getUint32(at, true) !== 0x04034b50 || entry.flags & 1) throw new NotABundle(`${entry.name} 残缺或已加密`);
    const nameLength = view.getUint16(at + 26, true), from = at + 30 + nameLength + view.getUint16(at + 28, true);
    if (String.fromCharCode(...bytes.subarray(at + 30, at + 30 + nameLength)) !== entry.name) throw new NotABundle(`${entry.name} 名称前后不一`);
    const packed = bytes.subarray(from, from + entry.packed);
    let data;
    try {
      data = entry.method === 0 ? packed : globalThis.fflate.inflateSync(packed, { out: new Uint8Array(entry.size) });
    } catch (error) {
      throw new NotABundle(`${entry.name} 不能解压`);
    }
    if (data.length !== entry.size || packed.length !== entry.packed || crc32(data) !== entry.crc) throw new NotABundle(`${entry.name} 校验不符`);
    return data;
  }

  /** The eight files of a bundle as bytes, by name. */
  function unpack(buffer) {
    const bytes = new Uint8Array(buffer), view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const entries = directory(bytes, view);
    if (entries.map((e) => e.name).sort().join() !== [...FILES].sort().join()) throw new NotABundle(`文件清单不符：应恰为 ${FILES.join(" ")}`);
    if (entries.some((e) => e.method !== 0 && e.method !== 8)) throw new NotABundle("只接受存储或 deflate 压缩");
    if (entries.reduce((sum, e) => sum + e.size, 0) > MOST) throw new NotABundle("解压后超过 1 GiB，请用命令行程序核验");
    return Object.fromEntries(entries.map((e) => [e.name, content(bytes, view, e)]));
  }

  Object.assign(globalThis.hengjian, { unpack, FILES });
}
