"""Names of four roots, each line one name in the spellings that registers and letters show it in; no rule made them."""

FAMILIES = {
    "fr": """
        Lambert; Dupont Dupond; Lefèvre Lefebvre Lefebure; Renaud Renault Renaux; Gérard Gerard Girard; Leclercq Leclerc
        Leclerq; Dubois Duboix; Collignon Colignon; Thiry Thirry Thyri; Noël Noel; Hérin Herin; Delvaux Delvau;
        Marchal Marechal Maréchal; Bodart Bodard Baudart; Henrotte Henrot; Piron Pirond; Simonis Simonys; Lejeune
        Le_Jeune; Delhez Delhaise Delhaize; Grégoire Gregoire; Wéry Wery Wérry; Charlier Charlié; Pirotte Pirote;
        De_la_Croix Delacroix Lacroix; D'Hondt Dhont D'Hont; Bœuf Boeuf; Crèvecœur Crevecoeur; Mathieu Matthieu
        Mathieux; Philippart Philipart Phillipart; Rousseau Rousseaux Roussau; Dejardin De_Jardin Desjardin;
        Vandervelde Van_der_Velde; Fontaine Fontenne; Masset Masset; Jacquemin Jaquemin Jacqmin; Louis Louys;
        Deprez Desprez Després; Gillet Gilet Gillez; Bastin Bastain; Hubert Hubaire; Toussaint Tousaint
    """,
    "nl": """
        Peeters Peters Pieters; Janssens Jansens Janssen; Hendrickx Hendriks Hendrix Hendricks; Claes Claas Klaes;
        Van_Dijck Van_Dyck Vandijk Van_Dijk; Van_den_Berghe Vandenberghe Van_den_Bergh; De_Smet Desmet De_Smedt
        Desmedt; Wouters Wauters; Reynders Reijnders Reinders; Huysmans Huijsmans Huismans; Verhaegen Verhagen
        Verhaeghen; Cauwenbergh Kauwenberg Cauwenberghs; Thys Thijs Tijs; Maes Maas; Goossens Gosens Goosens;
        De_Backer De_Bakker Debacker; Mertens Meertens; Willems Wilems; Aerts Aertz Aarts; Michiels Michils;
        Van_Damme Vandamme; De_Clercq De_Clerck Declercq; Segers Zegers; Vermeulen Vermuelen; Coppens Koppens;
        Smeets Smets; Schepers Scheppers; Dhondt D'hondt; Van_'t_Hof Vanthof Van_t'Hof; Lemmens Lemens;
        Bogaerts Boogaerts Bogaert; De_Wilde Dewilde; Jacobs Jakobs; Martens Maertens; Pauwels Paulwels; Cools Kools;
        Vanhoutte Van_Houtte Van_Houte; Wijnants Wynants Weynants; Dierickx Dierix Diericks; Baeten Baten
    """,
    "ar": """
        El_Idrissi Elidrissi Idrissi Al_Idrissi; Ben_Ali Benali Bin_Ali; Bouzid Bouzeed Buzid; Aït_Ahmed Ait_Ahmed
        Aitahmed; Benhaddou Ben_Haddou Benhadou; El_Amrani Elamrani Amrani; Chaoui Chawi Shaoui; Bennani Benani;
        El_Khattabi El_Kattabi Khattabi Elkhatabi; Bouazza Bouaza Buazza; Cherif Sharif Chérif; Haddad Hadad;
        Mansouri Mansuri Mansoury; Ouali Wali Oualy; Hamdaoui Hamdawi Hamdaui; Ziani Zyani; Tahiri Taheri;
        Abdellaoui Abdelaoui Abdellawi; El_Hajji El_Haji Elhajji Hajji; Rahmani Rahmany; Yildiz Yıldız; Öztürk Ozturk
        Oztürk; Kaya Kaia; Belkacem Belkasem Belqacem; Saïdi Saidi Saydi; Bouhali Buhali; El_Fassi Elfassi Fassi
        Alfasi; Khelifi Khalifi Khelify; Zerouali Zerwali Zeroualy; Toumi Tumi; Lahlou Lahlu; Soussi Sousi Susi
    """,
    "it": """
        Di_Giovanni Digiovanni; De_Luca Deluca; Esposito Exposito Espozito; Russo Rousso Ruso; Rossi Rosi; D'Angelo
        Dangelo De_Angelo; Di_Stefano Distefano; Giuliani Juliani Guiliani; Ricci Richi Ricchi; Colombo Colombo
        Columbo; Lo_Presti Lopresti; Della_Rocca Dellarocca; Mancini Manchini Mancinni; Bianchi Bianki; Conti Conty;
        Greco Grecco; Caruso Carusso Karuso; Sciortino Schiortino; La_Rosa Larosa; Vitale Vitali; Messina Mesina;
        Lombardo Lombardi; Parisi Parisy; Pellegrino Pelegrino; Gallo Galo; Ferrara Ferara; Piccolo Picolo;
        Cusumano Cusimano; Zappala Zappalà Zapala; Mangiaracina Manjaracina; Ragusa Raguza; Bellini Belini
    """,
}

WOMEN = {
    "fr": """
        Odette; Marie-Christine Marie_Christine Marie-Cristine; Hélène Helene Élène; Françoise Francoise; Nathalie
        Natalie Nathaly; Geneviève Genevieve Geneviéve; Catherine Cathérine Katherine; Chantal Chantale; Monique
        Monic; Anne-Marie Annemarie Anne_Marie; Jacqueline Jaqueline; Isabelle Isabel Ysabelle; Véronique Veronique;
        Martine Martin; Cécile Cecile; Danielle Danièle Daniele; Michèle Michelle; Éléonore Eleonore Eleonor;
        Thérèse Therese Terese; Sylvie Silvie; Ghislaine Gislaine; Yvonne Ivonne; Léa Lea; Manon Manonne
    """,
    "nl": """
        Lieve Lieven; Godelieve Godelive; Katrijn Catrijn Katryn; Griet Grietje; Els Elz; Anneleen Annelien;
        Hilde Hilda; Veerle Verle; Martje Maartje; Liesbeth Lisbeth Elisabeth; Machteld Magteld; Inge Inghe;
        Ria Rhea; Greet Gret; Maria Marija; Christiane Kristiane Christianne; Annick Annik; Ilse Ilze; Mieke Micke;
        Sofie Sophie; Tinne Tine; Kaat Kat; Jozefien Josefien Jozefin; Wendy Wendie
    """,
    "ar": """
        Fatima Fatma Fatimah Fatema; Khadija Khadidja Hadija Khadiga; Aïcha Aicha Aisha Aischa; Zineb Zeineb Zaynab;
        Naïma Naima Nayma; Samira Sameera; Bouchra Bushra Bouchera; Soumaya Sumaya Soumaia; Latifa Lateefa; Malika
        Maleka; Nadia Nadya; Rachida Rashida; Hafida Hafeda; Hayat Hayate Hayet; Meryem Maryam Meriem Mariam; Loubna
        Lubna; Yasmina Jasmina Yassmina; Houria Huria; Saïda Saida Sayda; Jamila Djamila Jameela; Karima Kareema; Emine
        Emina; Ayşe Ayse Aysche; Hanane Hanan
    """,
    "it": """
        Giuseppina Guiseppina Giusepina; Concetta Conchetta Concetta; Maria Marya; Rosalia Rosaria; Giovanna Jovanna
        Giovana; Carmela Carmella; Lucia Luccia; Antonella Antonela; Francesca Franchesca; Angela Angella; Chiara
        Kiara; Graziella Gratiella; Filomena Philomena; Assunta Asunta; Teresa Theresa; Alessandra Alexandra; Paola
        Paula; Silvana Sylvana; Ornella Ornela; Vincenza Vicenza
    """,
}

MEN = {
    "fr": """
        Jean-Pierre Jean_Pierre Jeanpierre; Michel Michèl; Philippe Philipe Phillippe; André Andre; Benoît Benoit;
        François Francois; Étienne Etienne Estienne; Christophe Cristophe Christof; Luc Luk; Frédéric Frederic
        Fréderic; Jérôme Jerome Gérôme; Alain Allain; Raphaël Raphael Rafaël; Mathieu Matthieu; Guy Gui; Rémy Rémi Remi;
        Stéphane Stephane Stefane; Thierry Thiery; Yves Ives; Olivier Ollivier; Didier Didié; Serge Serges; Théo Theo;
        Xavier Xavié
    """,
    "nl": """
        Jozef Josef Joseph; Luc Luk Luuk; Marc Mark; Johan Yohan; Dirk Dierk Dirck; Geert Gert; Wim Whim; Stijn Styn
        Steyn; Bart Bardt; Jan Jann; Kristof Christof Christophe; Filip Philip Philippe; Hendrik Hendrick; Willy
        Willie; Roeland Roland; Koen Coen; Pieter Peter Pieter; Erik Eric; Thijs Thys Tijs; Wouter Wauter; Karel Carel;
        Gijs Gys; Maarten Marten; Joris Jorris
    """,
    "ar": """
        Mohamed Mohammed Muhammad Mohammad Mohamad Med; Youssef Yousef Yusuf Youcef; Rachid Rashid Rachied; Khalid
        Khaled Halid; Ahmed Achmed Ahmad Hamed; Abdelkader Abdel_Kader Abdulkader Abd_El_Kader; Hassan Hasan Hassane;
        Saïd Said Sayid; Omar Omer Oumar; Mustapha Mostafa Mustafa Moustapha; Hicham Hisham Hichem; Jamal Djamal
        Djamel; Karim Kareem Kerim; Nordine Noureddine Nourdin Nordin; Abderrahman Abdurrahman Abderahman; Ibrahim
        Brahim Ibrahime; Driss Dris Idriss; Tarik Tarek Tariq; Mehdi Mahdi Medhi; Bilal Bilel Billal; Ismaïl Ismail
        Smail; Hussein Hossein Houcine; Ali Aly; Mehmet Mehmed
    """,
    "it": """
        Giuseppe Guiseppe Gioseppe; Giovanni Jovanni Giovani; Salvatore Salvator; Calogero Calogiero; Luigi Luiggi
        Louigi; Antonio Antoni; Francesco Franchesco; Domenico Dominico; Vincenzo Vicenzo Vincenso; Angelo Angello;
        Alessandro Alexandro Allesandro; Carmelo Carmello; Pasquale Pascuale Pascale; Rosario Rossario; Gaetano Gaitano;
        Michele Micchele; Gianni Giani Janni; Filippo Philippo Filipo; Raffaele Rafaele; Sergio Serggio
    """,
}


def spellings_of(text: str) -> list[list[str]]:
    """Each name with its spellings; `_` stands for the blank inside one."""
    return [[each.replace("_", " ") for each in line.split()] for line in " ".join(text.split()).split(";")]
