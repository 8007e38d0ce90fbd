"""An SSD1306 as its data sheet describes it, on an I2C line: what was sent becomes the picture it shows."""

PAGES, COLUMNS = 8, 128
COMMANDS, PIXELS = 0x00, 0x40

# How many parameter bytes a command has; those that are not here have none.
PARAMETERS = {
    0x20: 1,
    0x21: 2,
    0x22: 2,
    0x81: 1,
    0x8D: 1,
    0xA8: 1,
    0xD3: 1,
    0xD5: 1,
    0xD9: 1,
    0xDA: 1,
    0xDB: 1,
}
WITHOUT = {*range(0x40, 0x80), 0xA0, 0xA1, 0xA4, 0xA5, 0xA6, 0xA7, 0xAE, 0xAF, 0xC0, 0xC8}


class Oled:
    """memory: 8 pages of 128 columns, noise at first. settings: the last parameters of each command."""

    def __init__(self) -> None:
        self.memory = bytearray(i * 37 & 0xFF for i in range(PAGES * COLUMNS))
        self.on = False
        self.settings: dict[int, bytes] = {}
        self.columns, self.pages = (0, COLUMNS - 1), (0, PAGES - 1)
        self.column = self.page = 0

    def receive(self, transfer: bytes) -> None:
        """One transfer, from start to stop, without the address."""
        kind, *content = transfer
        assert kind in (COMMANDS, PIXELS), f"a control byte {kind:#x}"
        if kind == PIXELS:
            assert self.settings.get(0x20) == b"\0", "horizontal addressing is not set"
            for value in content:
                self._store(value)
        while kind == COMMANDS and content:
            command = content.pop(0)
            count = PARAMETERS.get(command, 0)
            assert command in PARAMETERS or command in WITHOUT, f"no command {command:#x}"
            assert len(content) >= count, f"{command:#x} lacks parameters"
            self._obey(command, bytes(content[:count]))
            del content[:count]

    def _obey(self, command: int, parameters: bytes) -> None:
        self.settings[command] = parameters
        if command in (0xAE, 0xAF):
            self.on = command == 0xAF
        elif command == 0x21:
            self.columns, self.column = (parameters[0], parameters[1]), parameters[0]
        elif command == 0x22:
            self.pages, self.page = (parameters[0], parameters[1]), parameters[0]

    def _store(self, value: int) -> None:
        self.memory[self.page * COLUMNS + self.column] = value
        self.column += 1
        if self.column > self.columns[1]:
            self.column = self.columns[0]
            self.page = self.page + 1 if self.page < self.pages[1] else self.pages[0]
