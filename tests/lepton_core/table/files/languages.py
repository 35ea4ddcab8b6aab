"""Towns and names of people in many languages, and the encodings that files of each are usually in."""

WESTERN = ("cp1252", "latin-1", "iso8859-15", "cp850", "mac_roman")
CENTRAL = ("cp1250", "iso8859-2", "cp852", "mac_latin2")
CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac_cyrillic")
BALTIC = ("cp1257", "iso8859-13", "cp775")

LANGUAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "German": (
        "Köln München Düsseldorf Nürnberg Gießen Lübeck Würzburg Saarbrücken Fürth Göttingen Tübingen Müller Schäfer "
        "Krüger Weiß Jäger Günther Böhm Möller Voß Hänsel Lörrach Görlitz Osnabrück Münster",
        WESTERN,
    ),
    "French": (
        "Besançon Orléans Nîmes Saint-Étienne Angoulême Béziers Sète Évreux Châteauroux Mâcon Alençon Périgueux "
        "Hélène François Chloé Benoît Gaël Joël Théo Véronique Thérèse André Compiègne Épinal Châlons",
        WESTERN,
    ),
    "Spanish": (
        "Málaga Córdoba León Cádiz Almería Jaén Ávila Cáceres Logroño Castellón Mérida Avilés Muñoz Núñez García "
        "Rodríguez Martínez Sánchez Pérez Ibáñez María José Íñigo Andrés Alcorcón",
        WESTERN,
    ),
    "Portuguese": (
        "Évora Guimarães Setúbal Bragança Covilhã Portimão Santarém Olhão Brasília Goiânia Maceió Belém João Conceição "
        "Gonçalves Araújo Simões Magalhães Inês António Luís Sebastião Vitória Florianópolis Cuiabá",
        WESTERN,
    ),
    "Italian": (
        "Forlì Cantù Nicolò Niccolò Mondovì Caffè Città Libertà Università Società Attività Perché Più Lunedì "
        "Martedì Giovedì Venerdì Virtù Qualità Novità",
        WESTERN,
    ),
    "Swedish": (
        "Göteborg Malmö Västerås Jönköping Örebro Linköping Norrköping Gävle Umeå Luleå Östersund Växjö Skövde "
        "Ängelholm Åkesson Sjöberg Söderström Bergström Håkan Åsa Märta Björn Lindström Nyström Borås",
        WESTERN,
    ),
    "Norwegian": (
        "Tromsø Bodø Ålesund Hønefoss Gjøvik Lillestrøm Tønsberg Ytterøy Sørensen Bjørn Jørgen Håkon Pål Kåre Åse "
        "Ødegård Bråthen Bøe Røros Mosjøen Førde Ås Grønland Stjørdal Nærbø",
        WESTERN,
    ),
    "Danish": (
        "København Århus Ålborg Helsingør Køge Næstved Sønderborg Hjørring Holbæk Rønne Nørregård Søren Jørgensen "
        "Kjær Mølgård Bjørn Pæresen Åge Ærø Møller Rødovre Værløse Støvring Brønshøj Hørsholm",
        WESTERN,
    ),
    "Finnish": (
        "Jyväskylä Hämeenlinna Järvenpää Mikkeli Pietarsaari Seinäjoki Hyvinkää Riihimäki Äänekoski Mäkinen "
        "Hämäläinen Mäkelä Pöysti Jäätteenmäki Väinö Päivi Järvinen Rämö Kärkkäinen Töölö Säkylä Lempäälä",
        WESTERN,
    ),
    "Icelandic": (
        "Reykjavík Kópavogur Hafnarfjörður Ísafjörður Egilsstaðir Þorlákshöfn Sauðárkrókur Húsavík Siglufjörður "
        "Guðrún Sigurður Þórunn Björk Davíð Gísli Ólafur Kristín Þór Jóhanna Borgarbyggð",
        ("cp1252", "latin-1", "iso8859-15"),
    ),
    "Polish": (
        "Łódź Kraków Gdańsk Poznań Wrocław Częstochowa Białystok Rzeszów Toruń Świnoujście Żywiec Dąbrowa Zamość "
        "Łomża Kołobrzeg Ełk Iława Jarosław Wiśniewski Wójcik Kowalczyk Lewandowski Zieliński Szymański Woźniak "
        "Dąbrowski Kozłowski Jabłońska Małgorzata Paweł",
        CENTRAL,
    ),
    "Czech": (
        "Plzeň Děčín Žďár Břeclav Příbram Třebíč Ústí Kolín Šumperk Hradec-Králové České-Budějovice Jihlava Písek "
        "Kroměříž Vsetín Přerov Dvořák Novák Černý Procházka Kučera Veselý Horák Němec Růžička Beneš Jiří Tomáš "
        "Ondřej Lukáš",
        CENTRAL,
    ),
    "Slovak": (
        "Košice Prešov Žilina Nitra Banská-Bystrica Trenčín Poprad Prievidza Považská Michalovce Spišská Piešťany "
        "Ľubotín Humenné Bardejov Šaľa Ružomberok Čadca Kováč Horváth Szabó Žáček Ľudovít Štefan Ján Mária Zuzana "
        "Dolný-Kubín Kežmarok Levoča",
        CENTRAL,
    ),
    "Hungarian": (
        "Győr Székesfehérvár Pécs Hódmezővásárhely Kőszeg Szőlősgyörök Dunaújváros Nyíregyháza Kecskemét Szombathely "
        "Érd Tatabánya Békéscsaba Zalaegerszeg Sopron Nagy Kovács Tóth Szabó Horváth Kiss Molnár Németh Erdős "
        "Fülöp Szűcs László György Gergő Zsófia",
        CENTRAL,
    ),
    "Croatian": (
        "Čakovec Šibenik Požega Križevci Županja Đakovo Varaždin Sinj Poreč Omiš Bjelovar Koprivnica Novigrad "
        "Horvat Kovačević Babić Marić Jurić Novak Kovačić Knežević Vuković Marković Petrović Matić Tomić Šimić Đurđa",
        CENTRAL,
    ),
    "Slovene": (
        "Škofja-Loka Črnomelj Žalec Šempeter Kočevje Brežice Tržič Slovenj-Gradec Postojna Idrija Trbovlje Ajdovščina "
        "Sežana Kovačič Krajnc Zupančič Potočnik Mlakar Vidmar Golob Turk Božič Kralj Korošec Oblak Žagar",
        CENTRAL,
    ),
    "Romanian": (
        "Bucureşti Timişoara Braşov Iaşi Constanţa Galaţi Ploieşti Brăila Bacău Piteşti Târgu-Mureş Botoşani Râmnicu "
        "Reşiţa Buzău Satu Focşani Călăraşi Suceava Bistriţa Ştefan Ionuţ Mădălina Cătălin Răzvan Ilinca Dăneţ Păun "
        "Târgovişte Înţelepciune",
        ("cp1250", "iso8859-2", "cp852"),
    ),
    "Turkish": (
        "İstanbul İzmir Muğla Şanlıurfa Kırşehir Çanakkale Eskişehir Ağrı Iğdır Diyarbakır Balıkesir Aydın Kütahya "
        "Uşak Niğde Nevşehir Kahramanmaraş Yılmaz Çelik Şahin Yıldız Öztürk Aydın Kılıç Doğan Arslan Güneş Koç "
        "Ayşe Işık",
        ("cp1254", "iso8859-9", "cp857"),
    ),
    "Latvian": (
        "Rīga Liepāja Jūrmala Rēzekne Jēkabpils Valmiera Cēsis Kuldīga Talsi Tukums Salaspils Ogre Bauska Ludza "
        "Krāslava Bērziņš Kalniņš Ozoliņš Liepiņš Krūmiņš Zariņš Jānis Pēteris Kārlis Līga Inga Žanis Kristīne "
        "Ķekava Ādaži",
        BALTIC,
    ),
    "Lithuanian": (
        "Šiauliai Panevėžys Klaipėda Marijampolė Mažeikiai Jonava Utena Kėdainiai Telšiai Tauragė Ukmergė Visaginas "
        "Plungė Kretinga Šilutė Radviliškis Palanga Kazlauskas Petrauskienė Jankauskaitė Žukauskas Rūta Eglė Živilė "
        "Šarūnas Algirdas Gabija Džiugas Giedrė Ąžuolas Vytė",
        BALTIC,
    ),
    "Estonian": (
        "Põlva Võru Pärnu Kärdla Jõhvi Jõgeva Põltsamaa Räpina Jürgen Külli Ülle Õnne Mägi Sepp Tamm Kütt Pärn "
        "Rõõm Jõesaar Väli Kõrv Mäe Sõrmus Lõhmus Täht",
        ("cp1252", "latin-1", "cp1257"),
    ),
    "Vietnamese": (
        "Hà-Nội Huế Đà-Nẵng Cần-Thơ Hải-Phòng Nha-Trang Biên-Hòa Vũng-Tàu Buôn-Ma-Thuột Quy-Nhơn Nguyễn Trần Lê Phạm "
        "Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý",
        ("cp1258",),
    ),
    "Russian": (
        "Москва Тверь Омск Казань Самара Уфа Пермь Воронеж Волгоград Краснодар Саратов Тюмень Ижевск Барнаул Иркутск "
        "Хабаровск Ярославль Томск Иванов Смирнова Кузнецов Попова Васильев Петров Соколов Михайлова Новиков Фёдоров "
        "Морозова Волкова",
        CYRILLIC,
    ),
    "Ukrainian": (
        "Київ Харків Одеса Дніпро Львів Запоріжжя Миколаїв Вінниця Чернігів Полтава Черкаси Житомир Суми Рівне "
        "Кропивницький Тернопіль Луцьк Ужгород Шевченко Коваленко Бондаренко Ткаченко Кравченко Олійник Поліщук Її "
        "Єгор Юлія Наталія Андрій",
        ("cp1251", "koi8-u", "mac_cyrillic"),
    ),
    "Bulgarian": (
        "София Пловдив Варна Бургас Русе Плевен Сливен Добрич Шумен Перник Хасково Ямбол Пазарджик Благоевград Велико "
        "Враца Габрово Иванов Георгиев Димитров Петров Николова Христова Стоянов Тодорова Илиев Ангелова Търново",
        ("cp1251", "iso8859-5"),
    ),
    "Serbian": (
        "Београд Нови Ниш Крагујевац Суботица Зрењанин Панчево Чачак Краљево Ужице Ваљево Лесковац Јовановић Петровић "
        "Николић Марковић Ђорђевић Стојановић Илић Станковић Павловић Милошевић Љиљана Његош Ћирић",
        ("cp1251", "iso8859-5"),
    ),
    "Greek": (
        "Αθήνα Πάτρα Βόλος Θεσσαλονίκη Ηράκλειο Λάρισα Ιωάννινα Χανιά Καβάλα Σέρρες Ρόδος Κατερίνη Τρίκαλα Λαμία "
        "Κομοτηνή Ξάνθη Κόρινθος Παπαδόπουλος Γεώργιος Δημήτρης Κωνσταντίνος Μαρία Ελένη Νικόλαος Άννα Έλλη",
        ("cp1253", "iso8859-7", "cp737"),
    ),
    "Hebrew": (
        "ירושלים חיפה תל-אביב באר-שבע אשדוד נתניה רחובות חולון אשקלון הרצליה חדרה נצרת אילת עכו טבריה כהן לוי מזרחי "
        "פרץ ביטון דהן אברהם יעקב שרה רבקה משה דוד",
        ("cp1255", "iso8859-8", "cp862"),
    ),
    "Arabic": (
        "القاهرة الإسكندرية الجيزة دمشق بغداد الرياض جدة مكة المدينة الدمام عمان بيروت طرابلس تونس الجزائر وهران فاس "
        "مراكش الرباط محمد أحمد علي حسن فاطمة عائشة يوسف إبراهيم خالد",
        ("cp1256", "iso8859-6"),
    ),
    "Thai": (
        "กรุงเทพ เชียงใหม่ ภูเก็ต ขอนแก่น นครราชสีมา อุดรธานี พัทยา หาดใหญ่ สงขลา ชลบุรี ระยอง ลำปาง เชียงราย อยุธยา สุโขทัย "
        "พิษณุโลก สมชาย สมศรี ประเสริฐ วิชัย มาลี สุดา อนงค์ นภา ธนพล",
        ("cp874", "iso8859-11"),
    ),
    "Japanese": (
        "東京都 大阪市 名古屋市 札幌市 福岡市 横浜市 神戸市 京都市 川崎市 さいたま市 広島市 仙台市 千葉市 新潟市 "
        "静岡市 佐藤 鈴木 "
        "高橋 田中 伊藤 渡辺 山本 中村 小林 ひろし ケンジ はなこ",
        ("cp932", "euc_jp", "iso2022_jp"),
    ),
    "Chinese": (
        "北京 上海 广州 深圳 杭州 南京 武汉 成都 重庆 天津 西安 苏州 郑州 长沙 青岛 大连 宁波 厦门 王伟 李娜 张敏 "
        "刘洋 陈静 "
        "杨勇 赵军 黄丽",
        ("gb18030", "gbk"),
    ),
    "Taiwanese": (
        "臺北市 高雄市 臺中市 新北市 桃園市 臺南市 基隆市 新竹市 嘉義市 彰化縣 雲林縣 屏東縣 宜蘭縣 花蓮縣 陳美玲 "
        "林志明 黃雅婷 "
        "張家豪 李怡君 王俊傑 吳淑芬 劉建宏 蔡佩珊 楊宗翰",
        ("big5", "cp950"),
    ),
    "Korean": (
        "서울 부산 대구 인천 광주 대전 울산 수원 창원 고양 용인 성남 청주 전주 천안 포항 제주 김민준 이서연 "
        "박지훈 최수빈 정예진 "
        "강현우 조은지 윤도현 장미란",
        ("euc_kr", "cp949"),
    ),
}  # fmt: skip
