// A navigator.serial with one port, whose bytes go to the test's server: tests/support/site_server.py. It is there before the
// page's own scripts. `refusePort` lets requestPort fail as when a person closes the dialog.
(() => {
  class FakePort {
    readable = null;
    writable = null;

    getInfo() {
      return { usbVendorId: 0x10c4, usbProductId: 0xea60 };
    }

    async open({ baudRate }) {
      if (this.readable !== null) {
        throw new DOMException("The port is already open.", "InvalidStateError");
      }
      const opened = await fetch(`/serial/open?baud=${baudRate}`, { method: "POST" });
      if ((await opened.text()) !== "open") {
        throw new DOMException("Failed to open serial port.", "NetworkError");
      }
      this.hangUp = new AbortController();
      const line = await fetch("/serial/read", { signal: this.hangUp.signal });
      this.source = line.body.getReader();
      this.readable = this.makeReadable();
      this.writable = new WritableStream({
        write: (bytes) => fetch("/serial/write", { method: "POST", body: bytes }).then(() => undefined),
      });
    }

    makeReadable() {
      return new ReadableStream({
        pull: async (controller) => {
          const { value, done } = await this.source.read().catch(() => ({ done: true }));
          if (done) {
            this.readable = null;
            controller.error(new DOMException("The device has been lost.", "NetworkError"));
          } else {
            controller.enqueue(value);
          }
        },
        cancel: () => {
          this.readable = this.makeReadable();
        },
      }, { highWaterMark: 0 });
    }

    async setSignals(signals) {
      await fetch("/serial/signals", { method: "POST", body: JSON.stringify(signals) });
    }

    async close() {
      if (this.readable?.locked || this.writable?.locked) {
        throw new TypeError("a stream is locked");
      }
      this.readable = null;
      this.writable = null;
      this.hangUp.abort();
      await fetch("/serial/close", { method: "POST" });
    }
  }

  const port = new FakePort();
  const serial = {
    requestPort: async () => {
      if (globalThis.refusePort) {
        throw new DOMException("No port selected by the user.", "NotFoundError");
      }
      return port;
    },
    getPorts: async () => [port],
  };
  Object.defineProperty(navigator, "serial", { value: serial });
})();
