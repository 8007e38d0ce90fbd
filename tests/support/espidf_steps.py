"""What ESP-IDF does to a classic ESP32 between the ROM and the application, and to restart it, step by step.

ESP-IDF at commit 102122904ade, default configuration, crystal of 40 MHz, CPU at 240 MHz, flash in DIO mode at
40 MHz on the default pins. Functions in the order in which bootloader_init
(bootloader_support/src/esp32/bootloader_esp32.c), call_start_cpu0 (esp_system/port/cpu_start.c), the start-up
functions and esp_restart_noos (esp_system/port/soc/esp32/system_internal.c) call them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tests.support.register_model import SECOND_ENTRY

ALL = 0xFFFFFFFF
PLL_BUS, OPTIONS, CLK_CONF, RTC_REG = 0x6000E010, 0x3FF48000, 0x3FF48070, 0x3FF4807C
CACHE_CTRL, CACHE_REQUESTS = 0x3FF00040, 0x3FF43050
APP_CACHE_CTRL, APP_CACHE_CTRL1, APPCPU_A = 0x3FF00058, 0x3FF0005C, 0x3FF0002C


@dataclass(frozen=True)
class Write:
    """A write to `address` after which the bits of `mask` are those of `value`."""

    address: int
    value: int
    mask: int = ALL

    def fits(self, write: tuple[int, int]) -> bool:
        return write[0] == self.address and write[1] & self.mask == self.value


@dataclass(frozen=True)
class Step:
    """A function of ESP-IDF's, in `file`, and what it writes, in order.

    during: of which run of the chip. No writes: what it does is no register of the peripherals.
    """

    name: str
    file: str
    writes: tuple[Write, ...] = ()
    during: Literal["boot", "boot at 1.8 V", "boot on the PLL", "second core", "restart"] = "boot"

    def is_in(self, trace: Iterable[tuple[int, int]]) -> bool:
        """Whether the writes are there in this order, others between them or not."""
        rest = iter(trace)
        return bool(self.writes) and all(any(write.fits(seen) for seen in rest) for write in self.writes)


def writes(*pairs: tuple[int, int]) -> tuple[Write, ...]:
    return tuple(Write(address, value) for address, value in pairs)


def bits(address: int, value: int, mask: int) -> Write:
    return Write(address, value, mask)


def command(opcode: int) -> tuple[Write, ...]:
    """A command to the flash: bootloader_execute_flash_command."""
    return writes((0x3FF42024, 0x70000000 | opcode), (0x3FF42000, 1 << 18))


def pll(*values: int) -> tuple[Write, ...]:
    return writes(*((PLL_BUS, value) for value in values))


TO_CRYSTAL = (
    bits(0x3FF66000, 0, 0x3FF),
    Write(0x3FF66004, 39),
    bits(CLK_CONF, 0, 3 << 27),
    Write(0x3FF480B4, 0x26252625),
    bits(RTC_REG, 4 << 11, 7 << 11),
)

BOOT_LOADER = (
    Step("WSR MEMCTL", "bootloader_esp32.c: bootloader_init"),
    Step("bootloader_init_mem", "bootloader_mem.c"),
    Step(
        "bootloader_common_vddsdio_configure",
        "bootloader_common.c",
        writes((0x3FF48074, 0xFE600000)),
        during="boot at 1.8 V",
    ),
    Step(
        "rtc_clk_cpu_freq_to_xtal",
        "rtc_clk_init.c: rtc_clk_init",
        TO_CRYSTAL,
        during="boot on the PLL",
    ),
    Step("SCK_DCAP, CK8M_DFREQ", "rtc_clk_init.c: rtc_clk_init", (bits(RTC_REG, 0xFF << 14, 0xFF << 14),)),
    Step(
        "regi2c_ctrl_ll_i2c_bbpll_enable",
        "rtc_clk_init.c: rtc_clk_init",
        (bits(0x6000E044, 0x3FF00, 0x3FF00), bits(0x6000E044, 0, 1 << 17)),
    ),
    Step("regi2c_ctrl_ll_i2c_apll_enable", "rtc_clk_init.c: rtc_clk_init", (bits(0x6000E044, 0, 1 << 14),)),
    Step("rtc_clk_xtal_freq_estimate", "rtc_clk_init.c", (bits(0x3FF5F068, 10 << 16, 0x7FFF << 16),)),
    Step("rtc_clk_xtal_freq_update", "rtc_clk.c", writes((0x3FF480B0, 0x00280028))),
    Step("80 MHz first", "bootloader_clock_init.c: bootloader_clock_configure", writes((0x3FF0003C, 0))),
    Step(
        "rtc_clk_bbpll_enable",
        "rtc_clk.c",
        (
            bits(OPTIONS, 0, 1 << 18),
            bits(OPTIONS, 0, 0x540),
            *pll(0x01180066, 0x01200166, 0x019A0466, 0x01000A66, 0x01000C66),
        ),
    ),
    Step("rtc_clk_wait_for_slow_cycle", "rtc_time.c", (bits(0x3FF5F068, 1 << 31, 1 << 31),)),
    Step(
        "rtc_clk_bbpll_configure",
        "rtc_clk.c",
        (
            bits(RTC_REG, 7 << 11, 7 << 11),
            *pll(0x01C30B66, 0x01740966, 0x01000266, 0x011C0366, 0x01C60566),
        ),
    ),
    Step(
        "rtc_clk_cpu_freq_to_pll_mhz",
        "rtc_clk.c",
        (
            Write(0x3FF0003C, 2),
            Write(0x3FF66008, 79),
            bits(CLK_CONF, 1 << 27, 3 << 27),
            Write(0x3FF480B4, 0x4C4B4C4B),
        ),
    ),
    Step("rtc_clk_8m_enable", "rtc_clk.c", (bits(0x3FF4801C, 5 << 6, 0xFF << 6),)),
    Step("bootloader_console_init", "bootloader_console.c", writes((0x3FF40014, 0x007002B6))),
    Step(
        "Cache_Read_Disable(0)",
        "bootloader_esp32.c: bootloader_reset_mmu",
        (bits(CACHE_CTRL, 0, 1 << 3), bits(CACHE_REQUESTS, 0, 1)),
    ),
    Step(
        "Cache_Read_Disable(1)",
        "bootloader_esp32.c: bootloader_reset_mmu",
        (bits(APP_CACHE_CTRL, 0, 1 << 3),),
        during="second core",
    ),
    Step(
        "Cache_Flush(0)",
        "bootloader_esp32.c: bootloader_reset_mmu",
        (bits(CACHE_CTRL, 0, 1 << 4), bits(CACHE_CTRL, 1 << 4, 1 << 4), bits(CACHE_CTRL, 0, 1 << 4)),
    ),
    Step(
        "mmu_init(1)",
        "bootloader_esp32.c: bootloader_reset_mmu",
        (
            bits(APP_CACHE_CTRL, 0, 1 << 4),
            bits(APP_CACHE_CTRL, 1 << 4, 1 << 4),
            bits(APP_CACHE_CTRL, 0, 1 << 4),
            bits(APP_CACHE_CTRL1, 1 << 13, 1 << 13),
            bits(APP_CACHE_CTRL1, 0, 1 << 13),
        ),
        during="second core",
    ),
    Step("PRO_CACHE_MASK_DROM0", "bootloader_esp32.c: bootloader_reset_mmu", (bits(0x3FF00044, 0, 1 << 4),)),
    Step(
        "APP_CACHE_MASK_DROM0",
        "bootloader_esp32.c: bootloader_reset_mmu",
        (bits(APP_CACHE_CTRL1, 0, 1 << 4),),
        during="second core",
    ),
    Step("bootloader_flash_update_id", "bootloader_flash_config_esp32.c", command(0x9F)),
    Step("bootloader_flash_xmc_startup", "bootloader_flash.c", command(0x5A)),
    Step(
        "bootloader_flash_gpio_config",
        "bootloader_flash_config_esp32.c",
        writes((0x3FF4455C, 5), (0x3FF44024, 1 << 11))
        + writes((0x3FF4454C, 1), (0x3FF44024, 1 << 7), (0x3FF44134, 0x87))
        + writes((0x3FF44550, 2), (0x3FF44024, 1 << 8), (0x3FF44138, 0x88))
        + writes((0x3FF44558, 4), (0x3FF44024, 1 << 10), (0x3FF44140, 0x8A))
        + writes((0x3FF44554, 3), (0x3FF44024, 1 << 9), (0x3FF4413C, 0x89))
        + writes((0x3FF49064, 0x2B00), (0x3FF49068, 0x2B00), (0x3FF49054, 0x2B00))
        + writes((0x3FF49058, 0x2B00), (0x3FF4905C, 0x2B00), (0x3FF49060, 0x1700), (0x3FF49060, 0x1B00)),
    ),
    Step(
        "bootloader_flash_dummy_config", "bootloader_flash_config_esp32.c", writes((0x3FF43020, 0x6C000002))
    ),
    Step("esp_rom_spiflash_wait_idle", "esp_rom_spiflash.c: esp_rom_spiflash_config_clk", command(0x05)),
    Step(
        "bootloader_flash_clock_config",
        "bootloader_flash_config_esp32.c",
        writes((0x3FF43018, 0x00001001), (0x3FF42018, 0x00001001)),
    ),
    Step(
        "bootloader_flash_cs_timing_config",
        "bootloader_flash_config_esp32.c",
        (
            bits(0x3FF4301C, 0x30, 0x30),
            bits(0x3FF43014, 0x11, 0xFF),
            bits(0x3FF43014, 0x10, 0xFF),
            bits(0x3FF4201C, 0x30, 0x30),
            bits(0x3FF42014, 0x11, 0xFF),
            bits(0x3FF42014, 0x10, 0xFF),
        ),
    ),
    Step("bootloader_flash_unlock", "bootloader_flash.c", command(0x35)),
    Step("bootloader_enable_wp", "bootloader_flash.c", command(0x04)),
    Step("Cache_Read_Enable(0)", "bootloader_flash_config_esp32.c", (bits(CACHE_CTRL, 1 << 3, 1 << 3),)),
    Step("bootloader_enable_cpu_reset_info", "bootloader_esp32.c", (bits(0x3FF00440, 0x101, 0x101),)),
    Step("bootloader_config_wdt", "bootloader_init.c", writes((0x3FF4808C, 0xC001FB80))),
    Step("bootloader_enable_random", "bootloader_random_esp32.c", (bits(0x3FF000CC, 1 << 15, 1 << 15),)),
)

APPLICATION = (
    Step(
        "do_multicore_settings",
        "cpu_start.c",
        (
            bits(APP_CACHE_CTRL1, 1 << 13, 1 << 13),
            *writes((0x3FF12000, 0), (0x3FF12004, 1), (0x3FF12008, 0x100)),
            bits(APP_CACHE_CTRL, 1 << 3, 1 << 3),
        ),
        during="second core",
    ),
    Step(
        "esp_cpu_unstall",
        "cpu_start.c: start_other_core",
        (bits(OPTIONS, 0, 3), bits(0x3FF480AC, 0, 0x3F << 20), bits(APPCPU_A, 0, 1)),
        during="second core",
    ),
    Step(
        "cpu_utility_ll_enable_clock_and_reset_app_cpu",
        "cpu_start.c: start_other_core",
        writes((0x3FF00030, 1), (0x3FF00034, 0), (APPCPU_A, 1), (APPCPU_A, 0)),
        during="second core",
    ),
    Step(
        "ets_set_appcpu_boot_addr",
        "cpu_start.c: start_other_core, call_start_cpu1",
        writes((0x3FF00038, SECOND_ENTRY), (0x3FF00038, 0)),
        during="second core",
    ),
    Step("esp_rtc_init", "rtc_init.c: rtc_init", (bits(0x3FF4801C, 20 << 24, 0xFF << 24),)),
    Step("rtc_clk_fast_src_set", "clk.c: esp_clk_init", (bits(CLK_CONF, 1 << 29, 1 << 29),)),
    Step("select_rtc_slow_clk", "clk.c: esp_clk_init", (bits(0x3FF5F068, 1024 << 16, 0x7FFF << 16),)),
    Step("esp_perip_clk_init", "clk.c", writes((0x3FF000C0, 0xF9006007))),
    Step("core_intr_matrix_clear", "cpu_start.c", writes((0x3FF00104, 6))),
    Step("esp_brownout_init, hardware reset", "brownout.c", writes((0x3FF480D4, 0x47FFC000))),
    Step("esp_brownout_init, interrupt", "brownout.c", (bits(0x3FF4803C, 1 << 7, 1 << 7),)),
)

RESTART = tuple(
    Step(name, f"system_internal.c: {where}", done, during="restart")
    for name, where, done in (
        (
            "wdt_hal_config_stage",
            "esp_restart_noos",
            (
                *writes((0x3FF480A4, 0x50D83AA1), (0x3FF48048, 8)),
                *writes((0x3FF48090, 150_000), (0x3FF48094, 150_000), (0x3FF4808C, 0x3801FF80)),
            ),
        ),
        ("esp_cpu_stall", "esp_restart_noos", (bits(0x3FF480AC, 0x21 << 20, 0x3F << 20),)),
        (
            "wdt_hal_disable",
            "esp_restart_noos",
            (
                *writes((0x3FF5F064, 0x50D83AA1)),
                bits(0x3FF5F048, 0, 1 << 31),
                *writes((0x3FF5F064, 0), (0x3FF60064, 0x50D83AA1)),
                bits(0x3FF60048, 0, 1 << 31),
                *writes((0x3FF60064, 0)),
            ),
        ),
        (
            "Cache_Read_Disable(0) before a restart",
            "esp_restart_noos",
            (bits(CACHE_CTRL, 0, 1 << 3), bits(CACHE_REQUESTS, 0, 1)),
        ),
        ("Cache_Read_Disable(1) before a restart", "esp_restart_noos", (bits(APP_CACHE_CTRL, 0, 1 << 3),)),
        (
            "GPIO_FUNC0_IN_SEL to GPIO_FUNC5_IN_SEL",
            "esp_restart_noos",
            writes(*((0x3FF44130 + 4 * signal, 0x30) for signal in range(6))),
        ),
        (
            "esp_system_reset_modules_on_exit",
            "esp_restart_noos",
            (
                bits(0x3FF000D0, 0x7FF, 0x7FF),
                *writes((0x3FF000D0, 0)),
                bits(0x3FF000C4, 0x01F31177, 0x01F31177),
                *writes((0x3FF000C4, 0)),
                bits(0x3FF00020, 0x17, 0x17),
                *writes((0x3FF00020, 0)),
            ),
        ),
        (
            "rtc_clk_cpu_set_to_default_config",
            "esp_restart_noos",
            TO_CRYSTAL,
        ),
        ("DPORT_APPCPU_CTRL_D_REG", "esp_restart_noos", writes((0x3FF00038, 0))),
        ("esp_rom_software_reset_cpu", "esp_restart_noos", (bits(OPTIONS, 1 << 5, 1 << 5),)),
    )
)

STEPS = BOOT_LOADER + APPLICATION + RESTART
