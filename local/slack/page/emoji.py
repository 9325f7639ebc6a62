"""The common emoji by their Slack shortcodes; what is not in the table is shown as it was written."""

from typing import Final

_SKIN_TONES: Final = {str(tone): chr(0x1F3FB + tone - 2) for tone in range(2, 7)}

_TABLE: Final = """
+1 👍 | -1 👎 | 100 💯 | airplane ✈️ | alarm_clock ⏰ | ambulance 🚑 | anger 💢 | angry 😠
arrow_down ⬇️ | arrow_left ⬅️ | arrow_right ➡️ | arrow_up ⬆️ | arrow_upper_right ↗️
arrows_counterclockwise 🔄 | art 🎨 | astonished 😲 | baby 👶 | back 🔙 | ballot_box_with_check ☑️
balloon 🎈 | bangbang ‼️ | bank 🏦 | bar_chart 📊 | battery 🔋 | beer 🍺 | beers 🍻 | beetle 🐞
bell 🔔 | no_bell 🔕 | biohazard_sign ☣️ | birthday 🎂 | black_circle ⚫ | black_heart 🖤
black_large_square ⬛ | black_square_button 🔲 | blue_heart 💙 | blush 😊 | bomb 💣 | book 📖
bookmark 🔖 | books 📚 | boom 💥 | bow 🙇 | brain 🧠 | broken_heart 💔 | bug 🐛
building_construction 🏗️ | bulb 💡 | busts_in_silhouette 👥 | bust_in_silhouette 👤 | calendar 📆
spiral_calendar_pad 🗓️ | camera 📷 | card_index 📇 | card_file_box 🗃️ | cat 🐱
chart_with_downwards_trend 📉 | chart_with_upwards_trend 📈 | checkered_flag 🏁 | clap 👏
classical_building 🏛️ | clipboard 📋 | clock1 🕐 | clock3 🕒 | clock9 🕘 | closed_lock_with_key 🔐
cloud ☁️ | clown_face 🤡 | coffee ☕ | cold_sweat 😰 | computer 💻 | confused 😕 | construction 🚧
cop 👮 | credit_card 💳 | crossed_swords ⚔️ | cry 😢 | crystal_ball 🔮 | dart 🎯 | date 📅
desktop_computer 🖥️ | detective 🕵️ | sleuth_or_spy 🕵️ | disappointed 😞 | dog 🐶 | door 🚪
dizzy 💫 | double_vertical_bar ⏸️ | droplet 💧 | earth_africa 🌍 | earth_americas 🌎
earth_asia 🌏 | email 📧 | envelope ✉️ | exclamation ❗ | heavy_exclamation_mark ❗ | eye 👁️
eyes 👀 | face_palm 🤦 | factory 🏭 | file_cabinet 🗄️ | file_folder 📁 | fire 🔥 | fire_engine 🚒
fast_forward ⏩ | fax 📠 | fist ✊ | flashlight 🔦 | floppy_disk 💾 | gear ⚙️ | gem 💎 | ghost 👻
gift 🎁 | globe_with_meridians 🌐 | green_apple 🍏 | green_book 📗 | green_heart 💚
grey_exclamation ❕ | grey_question ❔ | grimacing 😬 | grin 😁 | grinning 😀 | hammer 🔨
hammer_and_wrench 🛠️ | handshake 🤝 | hash #️⃣ | headphones 🎧 | heart ❤️
heavy_check_mark ✔️ | heavy_minus_sign ➖ | heavy_multiplication_x ✖️ | heavy_plus_sign ➕
hole 🕳️ | hospital 🏥 | hourglass ⌛ | hourglass_flowing_sand ⏳ | house 🏠 | hugging_face 🤗
id 🆔 | inbox_tray 📥 | outbox_tray 📤 | incoming_envelope 📨 | information_source ℹ️
innocent 😇 | joy 😂 | key 🔑 | old_key 🗝️ | keycap_star *️⃣ | knife 🔪 | label 🏷️
large_blue_circle 🔵 | large_green_circle 🟢 | large_orange_circle 🟠 | large_yellow_circle 🟡
large_purple_circle 🟣 | large_brown_circle 🟤 | large_red_square 🟥 | large_orange_square 🟧
large_yellow_square 🟨 | large_green_square 🟩 | large_blue_square 🟦 | large_blue_diamond 🔷
large_orange_diamond 🔶 | small_blue_diamond 🔹 | small_orange_diamond 🔸 | small_red_triangle 🔺
small_red_triangle_down 🔻 | laughing 😆 | ledger 📒 | left_right_arrow ↔️
leftwards_arrow_with_hook ↩️ | arrow_right_hook ↪️ | link 🔗 | lock 🔒 | lock_with_ink_pen 🔏
unlock 🔓 | loud_sound 🔊 | loudspeaker 📢 | low_brightness 🔅 | mag 🔍 | mag_right 🔎 | mailbox 📫
man 👨 | map 🗺️ | world_map 🗺️ | mask 😷 | medal 🏅 | first_place_medal 🥇 | mega 📣 | memo 📝
pencil 📝 | pencil2 ✏️ | microscope 🔬 | minidisc 💽 | money_with_wings 💸 | moneybag 💰 | moon 🌔
mountain ⛰️ | mute 🔇 | name_badge 📛 | nerd_face 🤓 | neutral_face 😐 | new 🆕 | newspaper 📰
no_entry ⛔ | no_entry_sign 🚫 | no_mouth 😶 | notebook 📓 | ok 🆗 | ok_hand 👌
open_file_folder 📂 | open_mouth 😮 | orange_heart 🧡 | orange_book 📙 | package 📦
page_facing_up 📄 | page_with_curl 📃 | palm_tree 🌴 | paperclip 📎 | partying_face 🥳 | penguin 🐧
pensive 😔 | phone ☎️ | pill 💊 | ping_pong 🏓 | pizza 🍕 | point_down 👇 | point_left 👈
point_right 👉 | point_up ☝️ | point_up_2 👆 | police_car 🚓 | poop 💩 | popcorn 🍿 | pray 🙏
printer 🖨️ | purple_heart 💜 | pushpin 📌 | question ❓ | rabbit 🐰 | radio_button 🔘
radioactive_sign ☢️ | rage 😡 | rainbow 🌈 | raised_hand ✋ | raised_hands 🙌 | recycle ♻️
red_circle 🔴 | relaxed ☺️ | relieved 😌 | repeat 🔁 | rewind ⏪ | robot_face 🤖 | rocket 🚀
rolling_on_the_floor_laughing 🤣 | rotating_light 🚨 | round_pushpin 📍 | running 🏃 | satellite 📡
satellite_antenna 📡 | scales ⚖️ | scream 😱 | scroll 📜 | see_no_evil 🙈 | seedling 🌱
shield 🛡️ | ship 🚢 | shipit 🚀 | shrug 🤷 | simple_smile 🙂 | skull 💀
skull_and_crossbones ☠️ | sleeping 😴 | slightly_smiling_face 🙂 | smile 😄 | smiley 😃 | smirk 😏
snail 🐌 | snake 🐍 | snowflake ❄️ | sob 😭 | sos 🆘 | sparkles ✨ | speech_balloon 💬
spider 🕷️ | spider_web 🕸️ | spy 🕵️ | star ⭐ | star2 🌟 | stop_button ⏹️ | stop_sign 🛑
octagonal_sign 🛑 | stopwatch ⏱️ | sun_with_face 🌞 | sunglasses 😎 | sunny ☀️ | sweat 😓
sweat_smile 😅 | syringe 💉 | table_tennis_paddle_and_ball 🏓 | tada 🎉 | telephone_receiver 📞
telescope 🔭 | test_tube 🧪 | thermometer 🌡️ | thinking_face 🤔 | thought_balloon 💭
thumbsdown 👎 | thumbsup 👍 | ticket 🎫 | admission_tickets 🎟️ | timer_clock ⏲️ | toolbox 🧰
top 🔝 | traffic_light 🚥 | vertical_traffic_light 🚦 | trash 🗑️ | wastebasket 🗑️
triangular_flag_on_post 🚩 | triangular_ruler 📐 | trophy 🏆 | truck 🚚 | turtle 🐢 | umbrella ☔
unamused 😒 | up 🆙 | upside_down_face 🙃 | v ✌️ | vs 🆚 | warning ⚠️ | watch ⌚ | wave 👋
weary 😩 | white_check_mark ✅ | white_circle ⚪ | white_heart 🤍 | white_large_square ⬜
white_square_button 🔳 | wink 😉 | wolf 🐺 | woman 👩 | worried 😟 | wrench 🔧 | writing_hand ✍️
x ❌ | yellow_heart 💛 | yum 😋 | zap ⚡ | zero 0️⃣ | one 1️⃣ | two 2️⃣ | three 3️⃣
four 4️⃣ | five 5️⃣ | six 6️⃣ | seven 7️⃣ | eight 8️⃣ | nine 9️⃣ | keycap_ten 🔟
zipper_mouth_face 🤐 | zzz 💤
"""

_BY_NAME: Final = {
    name: sign
    for entry in _TABLE.strip().replace("\n", "|").split("|")
    for name, _, sign in [entry.strip().partition(" ")]
}


def is_known(name: str) -> bool:
    return _base(name) in _BY_NAME


def sign(name: str) -> str:
    """The unicode of a shortcode (``wave``, ``wave::skin-tone-3``), or the shortcode itself."""
    base = _BY_NAME.get(_base(name))
    if base is None:
        return f":{name}:"
    return base + _SKIN_TONES.get(name.rpartition("::skin-tone-")[2], "")


def _base(name: str) -> str:
    return name.partition("::")[0]
