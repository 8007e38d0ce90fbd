/* What ESP-IDF knows of chip and flash. Its boot loader has set the flash up: board_flash says how. */
#include "../portable/chip_name.h"
#include "../portable/flash_facts.h"
#include "../portable/image_data.h"
#include "../portable/reset_name.h"
#include "drivers.h"
#include "esp_chip_info.h"
#include "esp_efuse.h"
#include "esp_efuse_table.h"
#include "esp_flash.h"
#include "esp_rom_efuse.h"
#include "esp_rom_sys.h"
#include "hal/efuse_hal.h"
#include "sdkconfig.h"
#include "soc/rtc.h"

enum { SECOND_CORE = 1 };

static const char *protection(void) {
    if (efuse_hal_flash_encryption_enabled()) {
        return FLASH_PROTECTION_ENCRYPTION;
    }
    const bool secure_boot =
        esp_efuse_read_field_bit(ESP_EFUSE_ABS_DONE_0) || esp_efuse_read_field_bit(ESP_EFUSE_ABS_DONE_1);
    return secure_boot ? FLASH_PROTECTION_SECURE_BOOT : FLASH_PROTECTION_NONE;
}

bool chip_has_one_core(void) {
    esp_chip_info_t info;
    esp_chip_info(&info);
    return info.cores == 1;
}

const board_chip *chip_look(void) {
    static board_chip chip;
    esp_chip_info_t info;
    esp_chip_info(&info);
    chip = (board_chip){
        .name = chip_name(esp_efuse_get_pkg_ver(), info.revision, info.cores == 1),
        .revision = info.revision,
        .rated_mhz = efuse_hal_get_rated_freq_mhz(),
        .second_core_reset = reset_name((uint32_t)esp_rom_get_reset_reason(SECOND_CORE), info.revision),
#ifdef CONFIG_ESP_BROWNOUT_DET
        .brownout = "on",
#else
        .brownout = "off: ESP-IDF is configured so",
#endif
        .protection = protection(),
    };
    return &chip;
}

static const char *supply(void) {
    const rtc_vddsdio_config_t found = rtc_vddsdio_get_config();
    if (!found.enable) {
        return FLASH_SUPPLY_EXTERNAL;
    }
    return found.tieh == RTC_VDDSDIO_TIEH_1_8V ? FLASH_SUPPLY_RAISED : FLASH_SUPPLY_3_3V;
}

const board_flash *chip_flash(void) {
    static board_flash flash;
    const bool pads = esp_rom_efuse_get_flash_gpio_info() != 0;
    flash = (board_flash){
        .pins = chip_has_flash(esp_efuse_get_pkg_ver()) ? FLASH_PINS_IN_PACKAGE
                : pads                                  ? FLASH_PINS_CUSTOM
                                                        : FLASH_PINS_DEFAULT,
        .rom_routing = pads ? FLASH_ROUTING_MATRIX : FLASH_ROUTING_DIRECT,
        .routing = FLASH_ROUTING_MATRIX, /* bootloader_flash_gpio_config */
        .supply = supply(),
        .image_bytes = image_flash_bytes,
        .mhz = image_flash_mhz,
        .dummy = flash_matrix_cycles(image_flash_mhz),
        .standard = true,
    };
    esp_flash_read_id(NULL, &flash.id);
    esp_flash_get_physical_size(NULL, &flash.bytes); /* 0 when that fails */
    return &flash;
}

bool board_flash_retry(void) {
    return false; /* ESP-IDF runs from this flash: it reads right */
}
