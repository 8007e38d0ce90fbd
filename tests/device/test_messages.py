"""What a silent board printed, in words that tell what to do."""

import re

import pytest

from squeezenet_lib.device.messages import explain_refusal, explain_silence, signs, without_firmware
from squeezenet_lib.device.protocol import LinkError, Reason

ROM = "ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        (
            "boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for download\r\n",
            "let go of BOOT",
        ),
        ("flash read err, 1000\r\nets_main.c 371 \r\n", "GPIO12"),
        ("invalid header: 0xffffffff\r\ninvalid header: 0xffffffff\r\n", "holds no firmware"),
        ("csum err:0x99!=0x5b\r\nets_main.c 384\r\n", "is damaged"),
        ("ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n", r"another chip \(esp32s3\)"),
        ("Guru Meditation Error: Core  0 panic'ed (LoadProhibited)\r\n", "other software"),
        ("I (29) boot: ESP-IDF v5.1 2nd stage bootloader\r\n", "other software"),
    ],
)
def test_without_the_firmware_asking_again_is_useless(printed: str, sentence: str) -> None:
    hopeless = without_firmware(ROM + printed)
    assert hopeless is not None
    assert re.search(sentence, hopeless)
    assert explain_silence(ROM + printed) == hopeless
    assert without_firmware(ROM + printed + ROM + "\nboot step=clock\n") is None, "it has started since"


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        ("", "it prints nothing; check that the cable carries data"),
        ("\r\n\r\n", "it prints nothing"),
        ("\n\x80\ufffd\ufffdx\x01\ufffd\ufffd\n", "what it sends is no text"),
        (ROM + "\nboot step=clock\n", "stopped while starting, at `boot step=clock`: check its crystal"),
        ("boot step=ready\nclass=good\n", "its last line was `class=good`; press EN"),
        (
            "boot step=ready\n\npanic cause=0 name=IllegalInstruction\nregisters a0=0x0\n",
            "it crashed (panic cause=0 name=IllegalInstruction)",
        ),
        ("x" * 5000, "its last line was `" + "x" * 200 + "`"),
    ],
)
def test_what_a_silent_board_printed_is_explained(printed: str, sentence: str) -> None:
    assert without_firmware(printed) is None
    said = explain_silence(printed)
    assert sentence in said
    assert "\n" not in said


ENTRY = "load:0x40080400,len:6664\r\nentry 0x40080400\r\n"
WATCHDOG = ROM.replace("0x1 (POWERON_RESET)", "0x10 (RTCWDT_RTC_RESET)")


@pytest.mark.parametrize(
    ("printed", "sentences"),
    [
        ("", []),
        (ROM + ENTRY + "\nboot step=clock\nboot step=ready\n", []),
        (ROM + ENTRY, ["started it .* no `boot step` followed"]),
        (ROM.replace("0x13", "0x33") + ENTRY + "boot step=ready\n", ["GPIO12 was high"]),
        (ROM.replace("0x1 (POWERON_RESET)", "0xf (RTCWDT_BROWN_OUT_RESET)"), ["brownout"]),
        ("Brownout detector was triggered\r\n", ["brownout"]),
        (WATCHDOG, [r"watchdog restarted the chip \(`rst:0x10 \(RTCWDT_RTC_RESET\)`\)"]),
        (ROM.replace("0x1 (POWERON_RESET)", "0xc (SW_CPU_RESET)"), []),
        (
            "boot step=ram\n\npanic cause=29 name=StoreProhibited epc=0x1\n",
            ["crashed .*name=StoreProhibited"],
        ),
        (ROM + ROM, []),
        (ROM * 3, ["started 3 times"]),
        (ROM + "waiting for download\r\n" + ROM + ENTRY + "boot step=ready\n", ["let go of BOOT"]),
        (ROM + "flash read err, 1000\r\ncsum err:0x99!=0x5b\r\n", ["GPIO12", "is damaged"]),
        (ROM + "I (29) boot: ESP-IDF v5.5 2nd stage\r\n", ["other software"]),
        (ROM + "W (29) boot: ESP-IDF v5.5 2nd stage\r\nboot step=ready\n", []),
    ],
)
def test_each_sign_in_what_a_board_printed_has_its_sentence(printed: str, sentences: list[str]) -> None:
    told = signs(printed)
    assert len(told) == len(sentences), told
    for sentence, expected in zip(told, sentences, strict=True):
        assert re.search(expected, sentence)
        assert "\n" not in sentence


@pytest.mark.parametrize("reason", Reason)
def test_each_refusal_has_its_name_its_meaning_and_an_advice(reason: Reason) -> None:
    said = explain_refusal(LinkError(reason, 0, ""))
    assert re.fullmatch(rf"the board refuses \({reason.name}\): [^;]+; .+", said)


def test_a_refusal_has_the_chips_own_words() -> None:
    said = explain_refusal(LinkError(Reason.REFUSED, -3, "the model was refused: unknown format\nversion"))
    assert said.startswith(
        "the board refuses (REFUSED, status -3): the model was refused: unknown format version; "
    )
    assert "does not know" in explain_refusal(LinkError(99, 0, ""))
